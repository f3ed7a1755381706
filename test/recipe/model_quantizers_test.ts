// The quantizers of a model: one per tensor, calibrated in one sweep, and the encodings that they become.
import assert from "node:assert/strict";
import test from "node:test";
import { intAttribute } from "../../src/graph/attribute.ts";
import type { Graph, Node } from "../../src/graph/graph.ts";
import {
  calibrate,
  ConfigError,
  evaluate,
  type ModelDescriptors,
  numbers,
  quantize,
  quantizersOf,
  type Tensor,
  TensorQuantizer,
} from "../../src/mod.ts";
import { referenceMachine } from "../../src/plan/interpret.ts";
import { roundTensor } from "../../src/quantize/weights.ts";
import { floats } from "../../src/tensor/tensor.ts";
import { fill } from "../passes/network.ts";
import { networks } from "../quantize/networks.ts";

const machine = referenceMachine();

/** The residual network of test/quantize, with node names as exporters give them. */
const names: Record<string, string> = { c: "conv1", d: "conv2", y: "fc", a: "sum" };
const model: Graph = {
  ...networks.residual,
  nodes: networks.residual.nodes.map((node: Node) => ({ ...node, name: names[node.outputs[0]] ?? "" })),
};
const samples = [fill([2, 4, 6, 6], 3), fill([2, 4, 6, 6], 11, -3, 2)];
const images = {
  count: 4,
  async *batches() {
    for (const x of samples) yield { feeds: new Map([["x", x]]), count: 2 };
  },
};

async function calibrateAll(given: ModelDescriptors = {}) {
  const quantizers = quantizersOf(model, given);
  quantizers.enableCalib();
  await quantizers.collect(images, machine);
  quantizers.disableCalib();
  quantizers.loadCalibAmax({ method: "percentile", percentile: 99 });
  return quantizers;
}

test("quantizersOf: a quantizer per input and weight of a layer, and per further quantized value, by name", () => {
  const quantizers = quantizersOf(model);
  const found = [...quantizers].map(([name]) => name);
  assert.deepEqual([...quantizers.layers.keys()], ["conv1", "conv2", "fc"]);
  assert.deepEqual(found.slice(0, 6), layerNames(["conv1", "conv2", "fc"]));
  // The residual sum's other operand, its result and the pool's input.
  assert.ok(found.length > 6 && new Set(found).size === found.length);
  assert.equal(quantizers.get("conv1.input"), quantizers.tensors.get("x"));
  assert.equal(quantizers.get("x"), quantizers.layers.get("conv1")!.input);
  assert.deepEqual(quantizers.get("conv1.weight").axis, 0);
  assert.match(
    `${quantizers}`,
    /^conv1\.input : TensorQuantizer\(8bit fake per-tensor amax=dynamic .* quant\)\n/,
  );
});

const layerNames = (layers: readonly string[]) =>
  layers.flatMap((layer) => [`${layer}.input`, `${layer}.weight`]);

test("quantizersOf: with largest magnitudes the encodings are those of calibrate by maxmin for TensorRT", async () => {
  const quantizers = await calibrateAll();
  const expected = await calibrate(model, images, machine, { preset: "tensorrt", method: "maxmin" });
  const found = quantizers.encodings();
  assert.deepEqual([...found.keys()].sort(), [...expected.encodings.keys()].sort());
  for (const [name, encoding] of expected.encodings) {
    // Weights leave out the lowest code there; no element reaches it.
    const { narrow: _, ...plain } = encoding;
    assert.deepEqual({ ...found.get(name), narrow: undefined }, { ...plain, narrow: undefined }, name);
  }
});

test("ModelQuantizers.collect gives the statistics of tensors passed by hand", async () => {
  const quantizers = await calibrateAll({ input: { calibMethod: "histogram", bits: 6 } });
  const byHand = new TensorQuantizer({ calibMethod: "histogram", bits: 6 }, { calib: true, quant: false });
  for (const x of samples) await byHand.forward(x);
  for (const method of ["percentile", "mse", "entropy"] as const) {
    byHand.loadCalibAmax({ method });
    quantizers.loadCalibAmax({ method });
    assert.deepEqual(quantizers.get("conv1.input").amax, byHand.amax, method);
  }
  assert.equal(quantizers.encodings().get("x")!.bits, 6);
});

test("ModelQuantizers: encodings round weights as their quantizers do, and Q/DQ with them stay close to float", async () => {
  const single = { "conv1.weight": { bits: 4, axis: 0 }, "fc.weight": { bits: 6, narrowRange: true } };
  const quantizers = await calibrateAll({ single });
  const encodings = quantizers.encodings();
  for (const name of ["w", "v", "h"]) {
    const constant = quantizers.graph.values.get(name)!.constant!;
    const expected = numbers(await quantizers.get(name).forward(constant));
    // x / step here, x · scale there: the last bits differ.
    roundTensor(floats(constant), constant.shape, encodings.get(name)!).forEach((value, i) =>
      assert.ok(
        Math.abs(value - expected[i]) <= 2 ** -22 * Math.abs(value),
        `${name}: ${value}, not ${expected[i]}`,
      )
    );
    assert.deepEqual(encodings.get(name)!.scale, quantizers.get(name).stepSize);
  }
  assert.deepEqual(["w", "v", "h"].map((name) => encodings.get(name)!.bits), [4, 8, 6]);
  const { outputSqnrDb } = await evaluate(model, quantize(quantizers.graph, encodings), images, machine);
  // 4-bit weights in one of three layers: a step is 1/7 of the largest weight, about 20 dB.
  assert.ok(outputSqnrDb > 14, `${outputSqnrDb} dB`);
});

test("ModelQuantizers: tensors of disabled quantizers stay float, and calibration skips them", async () => {
  const quantizers = quantizersOf(model, { input: { calibMethod: "histogram" } });
  quantizers.get("conv2.input").disable();
  quantizers.enableCalib();
  await quantizers.collect(images, machine);
  assert.ok(!quantizers.get("conv2.input").hasStatistics);
  quantizers.loadCalibAmax({ method: "mse" });
  quantizers.get("fc.weight").disableQuant();
  const found = [...quantizers.encodings().keys()];
  assert.ok(!found.includes("r") && !found.includes("h") && found.includes("x"));
  quantizers.disableQuant();
  assert.equal(quantizers.encodings().size, 0);
  quantizers.enableQuant();
  quantizers.resetCalib();
  assert.ok([...quantizers].every(([, one]) => !one.hasStatistics));
});

test("ModelQuantizers: an axis of weights means the output channels, wherever the operator keeps them", () => {
  const transposed = quantizersOf(networks.transposed);
  assert.deepEqual(["w", "u"].map((name) => transposed.get(name).axis), [0, 1]);
  const matrix = {
    ...networks.sharedAcrossAxes,
    nodes: [networks.sharedAcrossAxes.nodes[0]],
    outputs: ["a"],
  };
  assert.equal(quantizersOf(matrix).get("q").axis, 0);
  const plain = {
    ...matrix,
    nodes: [{ ...matrix.nodes[0], attributes: new Map([["transB", intAttribute(0)]]) }],
    values: new Map([...matrix.values, ["q", weightValue(fill([6, 5]))]]),
  };
  assert.equal(quantizersOf(plain).get("q").axis, 1);
});

const weightValue = (constant: Tensor) => ({ dtype: "float32" as const, shape: constant.shape, constant });

type Misuse = readonly [what: string, run: () => unknown, message: RegExp];
const misuses: readonly Misuse[] = [
  [
    "an unknown name",
    () => quantizersOf(model).get("conv1.inptu"),
    /"conv1.inptu": .* did you mean "conv1.input"\?/,
  ],
  [
    "an unknown single",
    () => quantizersOf(model, { single: { conv2: {} } }),
    /"conv2": .* did you mean "conv/,
  ],
  [
    "codes as values",
    () => quantizersOf(model, { input: { fakeQuant: false } }),
    /"conv1.input" .* fakeQuant is false/,
  ],
  [
    "axes of activations",
    () => quantizersOf(model, { input: { axis: 1 } }),
    /"conv1.input" along axis 1: .* one scale/,
  ],
  [
    "unsigned codes for TensorRT",
    () => quantizersOf(model, { input: { unsigned: true } }),
    /its codes are unsigned/,
  ],
  [
    "no amax",
    () => quantizersOf(model).encodings(),
    /\d+ quantizers have no amax \("conv1.input", .*enableCalib/,
  ],
];
for (const [what, run, message] of misuses) {
  test(`quantizersOf refuses ${what}`, () => {
    assert.throws(run, (error) => error instanceof ConfigError && message.test(error.message));
  });
}

test("ModelQuantizers.collect refuses a sweep that no quantizer wants, and a second one into loaded statistics", async () => {
  const quantizers = quantizersOf(model);
  await assert.rejects(
    quantizers.collect(images, machine),
    /calibration is enabled for no quantizer; call enableCalib/,
  );
  const loaded = await calibrateAll();
  assert.throws(() => loaded.enableCalib(), /Cannot calibrate "conv1.input" again: .* resetCalib\(\)/);
});

test("ModelQuantizers: amax may be given, one number or one per channel, and no other count", () => {
  const single = { "conv1.weight": { axis: 0, amax: 0.5 }, "conv2.weight": { axis: 0, amax: [1, 2, 3, 4] } };
  const quantizers = quantizersOf(model, { input: { amax: 2 }, weight: { amax: 1 }, single });
  const encodings = quantizers.encodings();
  assert.deepEqual([...encodings.get("w")!.scale], [Math.fround(0.5 / 127)]);
  assert.deepEqual([...encodings.get("v")!.scale], [1, 2, 3, 4].map((amax) => Math.fround(amax / 127)));
  const wrong = quantizersOf(model, { input: { amax: 2 }, weight: { axis: 0, amax: [1, 2, 3] } });
  assert.throws(() => wrong.encodings(), /"w" along axis 0: its quantizer has 3 numbers as amax, expected 4/);
});

test("ModelQuantizers: unsigned codes need values of at least 0", async () => {
  const unsigned = { input: { unsigned: true, calibMethod: "histogram" }, preset: "ort-cpu" } as const;
  await assert.rejects(
    calibrateAll(unsigned),
    /"conv1.input": its codes are unsigned, but it has values down to -/,
  );
  const one = await calibrateAll({ preset: "ort-cpu", single: { r: { unsigned: true } } });
  const { signed, zeroPoint, scale } = one.encodings().get("r")!;
  assert.deepEqual([signed, zeroPoint[0]], [false, 0]);
  assert.deepEqual(scale, one.get("r").stepSize);
});
