import assert from "node:assert/strict";
import test from "node:test";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { withNodes, withValues } from "../../src/graph/edit.ts";
import type { Node } from "../../src/graph/graph.ts";
import { decodeModel, encodeModel } from "../../src/onnx/mod.ts";
import { tensor } from "../../src/tensor/tensor.ts";
import { model, toyGraph, typedValue } from "./craft.ts";

async function run(bytes: Uint8Array): Promise<number[]> {
  const session = await InferenceSession.create(bytes);
  const { y } = await session.run({ x: new Tensor("float32", [1, 1, -3, 0.5], [2, 2]) });
  return Array.from(y.data as Float32Array, (value) => value + 0); // −0 is 0 here
}

test("encodeModel: ONNX Runtime runs a crafted model as it is and edited", async () => {
  const bytes = model(toyGraph);
  assert.deepEqual(await run(encodeModel(decodeModel(bytes))), [0, 3, 0, 2.5]);

  const graph = decodeModel(bytes);
  const [add, relu] = graph.nodes;
  const neg: Node = {
    opType: "Neg",
    domain: "",
    name: "",
    inputs: ["sum"],
    outputs: ["n"],
    attributes: new Map(),
  };
  assert.deepEqual(await run(encodeModel(withNodes(graph, [add, neg, { ...relu, inputs: ["n"] }]))), [
    0,
    0,
    4,
    0,
  ]);

  const constant = tensor("float32", [2], [10, 20]);
  assert.deepEqual(
    await run(encodeModel(withValues(graph, [["w", { dtype: "float32", shape: [2], constant }]]))),
    [11, 21, 7, 20.5],
  );
});

test("encodeModel: ONNX Runtime runs an IR 3 model with a new initializer", async () => {
  const graph = decodeModel(model([...toyGraph, [11, typedValue("w", [2])]], { ir: 3, version: 8 }));
  const constant = tensor("float32", [2], [10, 20]);
  const [add, relu] = graph.nodes;
  const edited = withValues(withNodes(graph, [{ ...add, inputs: ["x", "v"] }, relu]), [
    ["v", { dtype: "float32", shape: [2], constant }],
    ["w", undefined],
  ]);
  assert.deepEqual(await run(encodeModel(edited)), [11, 21, 7, 20.5]);
});

test("encodeModel: ONNX Runtime runs a model whose opset was raised", async () => {
  const graph = decodeModel(model(toyGraph, { ir: 4, version: 9 }));
  assert.deepEqual(await run(encodeModel({ ...graph, opset: 21 })), [0, 3, 0, 2.5]);
});
