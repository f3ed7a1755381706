// Weights of at most four bits are stored two per byte: ONNX Runtime loads them at every optimization level, and
// computes the same as from one code per byte, as we do. Sizes are those of the files.
import assert from "node:assert/strict";
import test from "node:test";
import { intAttribute, intsAttribute } from "../../src/graph/attribute.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { exportAs, type QuantizeOptions } from "../../src/mod.ts";
import { encodeModel } from "../../src/onnx/mod.ts";
import { integerForm } from "../../src/passes/integer_form.ts";
import { distance, fill, network, node, outputsOf } from "../passes/network.ts";
import { atEveryLevel, quantizeBy } from "./by_onnx_runtime.ts";
import { networks as chains } from "./networks.ts";

const products = (columns: number, depth = 37): Graph =>
  network(
    [node("MatMul x w > a"), node("Relu a > r"), node("Gemm r v b > y", { transB: intAttribute(1) })],
    { x: [6, depth] },
    {
      w: fill([depth, columns], 1, -0.3, 0.3),
      v: fill([5, columns], 2, -0.4, 0.3),
      b: fill([5], 3),
    },
    ["y"],
  );

const networks: Record<string, Graph> = {
  ...chains,
  "products of odd counts": products(7),
  "products as runtimes fuse them": products(32, 64),
  "weights of two readers": network(
    [node("MatMul x w > a"), node("Relu a > r"), node("MatMul r w > y")],
    { x: [6, 8] },
    { w: fill([8, 8], 1, -0.3, 0.3) },
    ["y"],
  ),
  "products of batches": network(
    [node("MatMul x w > a"), node("Relu a > r"), node("MatMul r k > y")],
    { x: [2, 3, 5, 8] },
    { w: fill([3, 8, 5], 1), k: fill([5, 3], 2) },
    ["y"],
  ),
  "results that are moved in float": network(
    [
      node("Conv x w > c"),
      node("Transpose c > t"),
      node("Sigmoid t > s"),
      node("MaxPool c > m", { kernel_shape: intsAttribute([2, 2]) }),
      node("Flatten c > y"),
      node("Flatten s > z"),
    ],
    { x: [2, 3, 6, 6] },
    { w: fill([4, 3, 3, 3], 1, -0.4, 0.4) },
    ["y", "z", "m"],
  ),
};

const settings: Record<string, Partial<QuantizeOptions>> = {
  "a scale per channel": { weightBits: 4 },
  "a scale per tensor": { weightBits: 4, perChannel: false },
  "unsigned codes": { weightBits: 4, schemes: { weights: { signed: false, symmetric: false } } },
  "three bits": { weightBits: 3 },
  "signed activations": { weightBits: 4, signed: true, symmetric: true },
  "float activations": { weightBits: 4, schemes: { activations: { datatype: "float32" } } },
};

for (const [name, graph] of Object.entries(networks)) {
  for (const [kind, options] of Object.entries(settings)) {
    test(`packed weights, ${name}, ${kind}: the results of a byte per code`, async () => {
      const [packed, bytes] = [
        await quantizeBy(graph, options),
        await quantizeBy(graph, options, "bytes"),
      ];
      const types = [...packed.values.values()].filter(({ constant }) => constant).map(({ dtype }) => dtype);
      assert.ok(types.includes(kind === "unsigned codes" ? "uint4" : "int4"));
      assert.equal(packed.opset, 21);
      assert.ok(bytes.opset < 21);
      const expected = new Map(await atEveryLevel(bytes)).get("disabled")!;
      // ONNX Runtime multiplies packed weights by activations that it rounds to 8 bits itself where they are float.
      const bound = kind === "float activations" ? 0.02 : 0;
      for (const [level, outputs] of await atEveryLevel(packed)) {
        assert.ok(distance(expected, outputs) <= bound, `${level}: ${distance(expected, outputs)}`);
      }
      assert.equal(distance(await outputsOf(integerForm(bytes)), await outputsOf(integerForm(packed))), 0);
    });
  }
}

test("packed weights take half the bytes; other forms of the same graph take a byte each", async () => {
  const graph = products(64, 512);
  const size = (one: Graph) => encodeModel(one).length;
  const [packed, bytes] = [
    await quantizeBy(graph, { weightBits: 4 }),
    await quantizeBy(graph, { weightBits: 4 }, "bytes"),
  ];
  const saved = (512 * 64 + 5 * 64) / 2;
  assert.ok(Math.abs(size(bytes) - size(packed) - saved) < 200, `${size(bytes)} against ${size(packed)}`);
  for (const form of ["qoperator", "float-weights"] as const) {
    const [fromPacked, fromBytes] = [exportAs(form, packed), exportAs(form, bytes)];
    const levels = await atEveryLevel(fromPacked);
    const expected = new Map(await atEveryLevel(fromBytes));
    for (const [level, outputs] of levels) assert.equal(distance(expected.get(level)!, outputs), 0, form);
  }
});
