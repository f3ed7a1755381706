// Quantizers: switches, settings, statistics in any order, listings and misuse; golden_quantizers_test.ts compares them
// with pytorch-quantization.
import assert from "node:assert/strict";
import test from "node:test";
import { histogramOf } from "../../src/calibrate/histogram.ts";
import {
  clipGradients,
  numbers,
  type QuantDescriptor,
  type Tensor,
  tensor,
  TensorQuantizer,
} from "../../src/mod.ts";
import { floats } from "../../src/tensor/tensor.ts";
import { spreadTensor } from "./spread.ts";

test("TensorQuantizer with a histogram per channel: a channel of zeros has amax 0 and codes 0", async () => {
  const of = { axis: 0, calibMethod: "histogram", fakeQuant: false } as const;
  const quantizer = new TensorQuantizer(of, { calib: true });
  const x = tensor("float32", [2, 3], [0, 0, 0, 1, 2, 3]);
  await quantizer.forward(x);
  for (const method of ["percentile", "mse", "entropy"] as const) {
    quantizer.loadCalibAmax({ method });
    assert.equal(quantizer.amax![0], 0, method);
    assert.deepEqual(numbers(await quantizer.forward(x)).slice(0, 3), [0, 0, 0]);
  }
});

test("TensorQuantizer gives the same amax for tensors in any order and of any size", async () => {
  const parts = [0, 1, 2].map((part) => spreadTensor([3, 500], 1500 * part, "heavy", 1 + part));
  const amaxOf = async (tensors: readonly Tensor[]) => {
    const quantizer = new TensorQuantizer({ calibMethod: "histogram" }, { calib: true, quant: false });
    for (const x of tensors) await quantizer.forward(x);
    quantizer.loadCalibAmax({ method: "mse" });
    return [...quantizer.amax!];
  };
  const all = tensor("float32", [9, 500], parts.flatMap(numbers));
  assert.deepEqual(await amaxOf(parts.toReversed()), await amaxOf(parts));
  assert.deepEqual(await amaxOf([all]), await amaxOf(parts));
});

test("TensorQuantizer does what its switches say", async () => {
  const x = tensor("float32", [2], [0.3, -1]);
  const quantizer = new TensorQuantizer({ name: "conv1.input" });
  assert.deepEqual(numbers(await quantizer.forward(x)), [Math.fround(38 / 127), -1]);
  quantizer.disableQuant();
  quantizer.enableCalib();
  assert.ok(quantizer.isCalibEnabled && !quantizer.isQuantEnabled && !quantizer.hasStatistics);
  assert.equal(await quantizer.forward(x), x);
  quantizer.disableCalib();
  await quantizer.forward(tensor("float32", [1], [9]));
  assert.equal(quantizer.amax, undefined);
  quantizer.loadCalibAmax();
  assert.deepEqual([...quantizer.amax!], [1]);
  quantizer.enableQuant();
  assert.deepEqual(numbers(await quantizer.forward(tensor("float32", [2], [2, 0.5]))), [
    1,
    Math.fround(64 / 127),
  ]);
  quantizer.disable();
  assert.equal(await quantizer.forward(x), x);
  assert.ok(!quantizer.isQuantEnabled);
  quantizer.enable();
  assert.ok(quantizer.isQuantEnabled);
});

test("TensorQuantizer counts each collected tensor once, and starts over after resetCalib", async () => {
  const quantizer = new TensorQuantizer({}, { calib: true, quant: false });
  await quantizer.forward(tensor("float32", [1], [5]));
  quantizer.loadCalibAmax();
  assert.throws(() => quantizer.enableCalib(), /Cannot calibrate a quantizer again: .*resetCalib\(\)/);
  quantizer.resetCalib();
  quantizer.enableCalib();
  assert.throws(() => quantizer.loadCalibAmax(), /its calibrator has seen no data; call enableCalib\(\)/);
  await quantizer.forward(tensor("float32", [1], [2]));
  quantizer.loadCalibAmax();
  assert.deepEqual([...quantizer.amax!], [2]);
});

test("TensorQuantizer: bits, codes and amax can be set; another number of channels cannot", async () => {
  const quantizer = new TensorQuantizer({ amax: [3, 2], axis: 0, fakeQuant: false });
  quantizer.bits = 4;
  assert.deepEqual([...quantizer.stepSize!], [Math.fround(3 / 7), Math.fround(2 / 7)]);
  quantizer.amax = [7, 14];
  assert.deepEqual(numbers(await quantizer.forward(tensor("float32", [2, 1], [-9, -5]))), [-8, -2]);
  quantizer.narrowRange = true;
  assert.deepEqual(numbers(await quantizer.forward(tensor("float32", [2, 1], [-9, -5]))), [-7, -2]);
  quantizer.unsigned = true;
  assert.equal(quantizer.maxBound, 15);
  assert.throws(() => quantizer.amax = 1, /to \[1\]: expected 2 finite numbers of at least 0/);
  assert.throws(() => quantizer.amax = [1, -1], /to \[1,-1\]: expected 2 finite/);
  assert.throws(
    () => new TensorQuantizer().amax = [1, 2],
    /to \[1,2\]: expected 1 finite number of at least 0/,
  );
  assert.throws(() => quantizer.bits = 1, /bits is 1, expected an integer from 2 to 16/);
});

test("TensorQuantizer with learnAmax clips to a range whose gradients are PACT's", async () => {
  const quantizer = new TensorQuantizer({ amax: 0.5, learnAmax: true }, { calib: true, quant: false });
  const x = tensor("float32", [4], [-2, -0.25, 0.5, 1]);
  assert.deepEqual(numbers(await quantizer.forward(x)), [-0.5, -0.25, 0.5, 0.5]);
  const gradients = clipGradients(floats(x), quantizer.learnedRange!, Float32Array.of(1, 2, 4, 8));
  assert.deepEqual(gradients, { x: Float32Array.of(0, 2, 0, 0), low: 1, high: 12 });
  quantizer.learnedRange = { low: -0.5, high: 0.75 };
  assert.deepEqual([...quantizer.effectiveAmax!], [0.75]);
  quantizer.loadCalibAmax();
  quantizer.initLearnAmax();
  assert.deepEqual(quantizer.learnedRange, { low: -2, high: 2 });
  assert.throws(
    () => quantizer.learnedRange = { low: 1, high: 0 },
    /to 1..0: expected learnAmax and two rising ends/,
  );
  assert.throws(() => new TensorQuantizer().initLearnAmax(), /learnAmax is false/);
  assert.throws(
    () => new TensorQuantizer({ learnAmax: true }).initLearnAmax(),
    /call loadCalibAmax\(\) first/,
  );
});

test("TensorQuantizer is listed as in the walk-through", async () => {
  const text = (descriptor: QuantDescriptor) => `${new TensorQuantizer(descriptor)}`;
  assert.equal(
    text({ amax: 2.64 }),
    "TensorQuantizer(8bit fake per-tensor amax=2.6400 calibrator=MaxCalibrator quant)",
  );
  assert.equal(
    text({ axis: 0, amax: [0, 0.7817], narrowRange: true }),
    "TensorQuantizer(8bit narrow fake axis=0 amax=[0.0000, 0.7817](2) calibrator=MaxCalibrator quant)",
  );
  const codes = new TensorQuantizer({
    unsigned: true,
    fakeQuant: false,
    calibMethod: "histogram",
    scaleAmax: 0.5,
  });
  await codes.forward(tensor("float32", [1], [2]));
  codes.enableCalib();
  assert.equal(
    `${codes}`,
    "TensorQuantizer(unsigned 8bit per-tensor amax=dynamic *0.5 calibrator=HistogramCalibrator scale=255.0000 " +
      "quant calib)",
  );
  codes.disable();
  assert.equal(`${codes}`, "TensorQuantizer(disabled)");
});

type Misuse = readonly [what: string, descriptor: QuantDescriptor, x: Tensor, message: RegExp];
const misuses: readonly Misuse[] = [
  ["no such axis", { axis: 3 }, spreadTensor([2, 3], 0), /\[2,3\] along axis 3: axis is 3, expected -2..1/],
  [
    "an axis twice",
    { axis: [0, -2] },
    spreadTensor([2, 3], 0),
    /axes are \[0,-2\], expected each axis of 2 at most/,
  ],
  ["negative values", { unsigned: true }, tensor("float32", [2], [1, -1]), /element 1 is -1, .*unsigned/],
  ["NaN", { name: "fc" }, tensor("float32", [1], [NaN]), /Cannot quantize "fc": element 0 is NaN/],
  [
    "amax of other channels",
    { axis: 0, amax: [1, 2] },
    spreadTensor([3], 0),
    /expected 3 numbers of at least 0/,
  ],
  ["integers", {}, tensor("int32", [1], [1]), /it is int32, expected float32/],
];
for (const [what, descriptor, x, message] of misuses) {
  test(`TensorQuantizer refuses ${what}`, async () => {
    await assert.rejects(new TensorQuantizer(descriptor, { calib: true }).forward(x), message);
  });
}

test("TensorQuantizer refuses options that do not fit its calibrator", async () => {
  const histogram = new TensorQuantizer({ calibMethod: "histogram", unsigned: true }, { calib: true });
  assert.throws(() => histogram.loadCalibAmax({ method: "mse" }), /its calibrator has seen no data/);
  await histogram.forward(spreadTensor([10], 0, "positive"));
  assert.throws(
    () => histogram.loadCalibAmax(),
    /by method undefined: expected one of entropy, mse, percentile/,
  );
  assert.throws(
    () => histogram.loadCalibAmax({ method: "percentile", percentile: 101 }),
    /percentage is 101/,
  );
  assert.throws(() => histogram.collectHistogram(histogramOf(Float32Array.of(-1))), /values down to -1/);
  const max = new TensorQuantizer({ axis: 0, name: "fc.weight" }, { calib: true });
  await max.forward(spreadTensor([3, 2], 0));
  assert.throws(
    () => max.loadCalibAmax({ method: "mse" }),
    /"fc.weight" by method: .* only the largest magnitude/,
  );
  await assert.rejects(max.forward(spreadTensor([4, 2], 0)), /"fc.weight": it has 4 channels, expected 3/);
  assert.throws(() => max.collectHistogram(histogramOf(Float32Array.of(1))), /"fc.weight" per channel/);
});
