// Finding ONNX Runtime, and verifying files that are right, wrong and unreadable.
import assert from "node:assert/strict";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import type { Graph } from "../../src/graph/graph.ts";
import { calibrate, exportAs, findRuntime, quantize, verify } from "../../src/mod.ts";
import { encodeModel } from "../../src/onnx/mod.ts";
import { referenceMachine } from "../../src/plan/interpret.ts";
import { fill, network, node } from "../passes/network.ts";
import { floats, fromNumbers, tensor } from "../../src/tensor/tensor.ts";

const machine = referenceMachine();
const model = network(
  [node("Conv x w b > c"), node("Relu c > r"), node("Conv r v > y")],
  { x: [2, 3, 6, 6] },
  { w: fill([4, 3, 3, 3]), b: fill([4], 5), v: fill([2, 4, 2, 2], 9) },
  ["y"],
);
const batch = {
  count: 2,
  async *batches() {
    yield { feeds: new Map([["x", fill([2, 3, 6, 6], 3)]]), count: 2 };
  },
};
const calibration = await calibrate(model, batch, machine);
const quantized = quantize(calibration.graph, calibration.encodings);
const runtime = findRuntime()!;
const verifyModel = (file: string | Uint8Array, form?: "float16") =>
  verify(model, { file, graph: form ? exportAs(form, model) : quantized, form }, batch, machine, runtime);

test("findRuntime finds onnxruntime-node beside halftone, and nothing if none is installed", () => {
  assert.equal(runtime.name, "onnxruntime-node");
  assert.match(runtime.version, /^\d+\.\d+\.\d+/);
  const empty = mkdtempSync(join(tmpdir(), "halftone-test-"));
  assert.equal(findRuntime([join(empty, "package.json")]), undefined);
});

test("verify: the written file agrees, with and without optimizations", async () => {
  const found = await verifyModel(encodeModel(quantized));
  assert.deepEqual([found.agrees, found.refused, found.samples], [true, undefined, 2]);
  assert.deepEqual(found.levels, ["all", "disabled"]);
  assert.ok(found.outputs[0].sqnrDb > 25, `${found.outputs[0].sqnrDb} dB`);
});

test("verify: every form of the model agrees", async () => {
  for (const form of ["qoperator", "float-weights"] as const) {
    assert.equal((await verifyModel(encodeModel(exportAs(form, quantized)))).agrees, true, form);
  }
  assert.equal((await verifyModel(encodeModel(exportAs("float16", model)), "float16")).agrees, true);
});

test("verify: a file with other numbers disagrees, by name", async () => {
  const values = new Map([...quantized.values].map(([name, value]) => {
    const changed = name === "x_scale" ? tensor("float32", [], [0.5]) : undefined;
    return [name, changed ? { ...value, constant: changed } : value];
  }));
  const found = await verifyModel(encodeModel({ ...quantized, values }));
  assert.equal(found.agrees, false);
  assert.deepEqual(found.outputs.map(({ name, agrees }) => [name, agrees]), [["y", false]]);
});

test("verify: a file that ONNX Runtime does not load is reported with its reason", async () => {
  const renamed = { ...quantized.nodes[0], opType: "QuantizeLinearly" };
  const broken: Graph = { ...quantized, nodes: [renamed, ...quantized.nodes.slice(1)] };
  const found = await verifyModel(encodeModel(broken));
  assert.equal(found.agrees, false);
  assert.match(found.refused!, /QuantizeLinearly.*\(optimizations: all\)/);
});

test("verify: without samples, it only checks that the file loads", async () => {
  const none = { async *batches() {} };
  const found = await verify(
    model,
    { file: encodeModel(quantized), graph: quantized },
    none,
    machine,
    runtime,
  );
  assert.deepEqual([found.samples, found.agrees, found.refused], [0, true, undefined]);
});

test("a runtime reads and returns half floats", async () => {
  const { values, ...rest } = network([node("Neg x > y")], { x: [3] }, {}, ["y"]);
  const half = { dtype: "float16", shape: [3] } as const;
  const session = await runtime.open(
    encodeModel({ ...rest, values: new Map([...values, ["x", half], ["y", half]]) }),
    "all",
  );
  const found = await session.run(new Map([["x", fromNumbers("float16", [3], Float32Array.of(1, -0.5, 2))]]));
  assert.deepEqual([...floats(found.get("y")!)], [-1, 0.5, -2]);
  await session.release();
});
