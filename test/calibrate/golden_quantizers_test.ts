// Quantizers and their calibrators against pytorch-quantization itself (test/golden/descriptors.py).
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { type AmaxOptions, numbers, type QuantDescriptor, tensor, TensorQuantizer } from "../../src/mod.ts";
import { referenceMachine } from "../../src/plan/interpret.ts";
import type { Shape } from "../../src/tensor/shape.ts";
import { floats } from "../../src/tensor/tensor.ts";
import { type Kind, spreadTensor } from "./spread.ts";

type Golden = {
  readonly walkThrough: Readonly<Record<"x" | "codes" | "scale", number[]>>;
  readonly forward: readonly {
    readonly shape: Shape;
    readonly kind: Kind;
    readonly descriptor: QuantDescriptor;
    readonly result: number[];
    readonly scale: number[] | null;
    readonly stepSize: number[] | null;
    readonly maxBound: number;
  }[];
  readonly maxima: readonly { shape: Shape; descriptor: QuantDescriptor; amax: number[] }[];
  readonly histograms: readonly {
    readonly kind: Kind;
    readonly descriptor: QuantDescriptor;
    readonly width: number;
    readonly amax: Readonly<Record<string, number>>;
  }[];
  readonly channels: readonly {
    readonly shape: Shape;
    readonly axis: number;
    readonly method: "percentile" | "mse";
    readonly options: AmaxOptions;
    readonly amax: number[];
  }[];
};
const golden: Golden = JSON.parse(readFileSync("test/golden/descriptors.json", "utf8"));
const machines = [["the host", undefined], ["the reference machine", referenceMachine()]] as const;

for (const [place, machine] of machines) {
  test(`TensorQuantizer on ${place}: the walk-through's 3×4×2 tensor, 4 bits, axis 0, unsigned`, async () => {
    const { x, codes, scale } = golden.walkThrough;
    const quantizer = new TensorQuantizer({ bits: 4, fakeQuant: false, axis: 0, unsigned: true }, {
      machine,
    });
    const found = await quantizer.forward(tensor("float32", [3, 4, 2], x));
    assert.equal(found.dtype, "int32");
    assert.deepEqual(found.shape, [3, 4, 2]);
    assert.deepEqual(numbers(found), codes);
    assert.deepEqual([...quantizer.scale!], scale);
  });

  test(`TensorQuantizer on ${place} gives pytorch-quantization's codes, values, scales and steps`, async () => {
    for (const { shape, kind, descriptor, result, scale, stepSize, maxBound } of golden.forward) {
      const quantizer = new TensorQuantizer(descriptor, { machine });
      const found = numbers(await quantizer.forward(spreadTensor(shape, 1, kind)));
      const what = JSON.stringify(descriptor);
      // A machine's division may be off in the last bit; the host's is torch's.
      const within = machine ? 2 ** -22 : 0;
      found.forEach((value, i) => assert.ok(Math.abs(value - result[i]) <= within * Math.abs(value), what));
      if (scale) assert.deepEqual([...quantizer.scale!], scale, what);
      if (stepSize) assert.deepEqual([...quantizer.stepSize!], stepSize, what);
      assert.equal(quantizer.maxBound, maxBound, what);
    }
  });

  test(`TensorQuantizer on ${place} calibrates to pytorch-quantization's largest magnitudes`, async () => {
    for (const { shape, descriptor, amax } of golden.maxima) {
      const quantizer = new TensorQuantizer(descriptor, { machine, calib: true, quant: false });
      for (const batch of [0, 1, 2]) {
        const x = spreadTensor(shape, 100 * batch, "heavy", 1 + batch % 2);
        assert.equal(await quantizer.forward(x), x);
      }
      quantizer.loadCalibAmax();
      assert.deepEqual([...quantizer.amax!], amax, JSON.stringify(descriptor));
    }
  });

  test(`TensorQuantizer on ${place} chooses pytorch-quantization's amax from histograms`, async () => {
    for (const { kind, descriptor, width, amax } of golden.histograms) {
      const quantizer = new TensorQuantizer({ ...descriptor, calibMethod: "histogram" }, {
        machine,
        calib: true,
      });
      const batches = [2, 0, 1].map((batch) => spreadTensor([20000], 20000 * batch, kind, 1 + batch / 4));
      for (const x of batches) await quantizer.forward(x);
      const { entropy, mse, ...percentiles } = amax;
      const what = `${kind} ${JSON.stringify(descriptor)}`;
      for (const [word, expected] of Object.entries(percentiles)) {
        quantizer.loadCalibAmax({ method: "percentile", percentile: Number(word) });
        // Both give left edges of bins: ours are less than 4 times as wide as theirs.
        assert.ok(
          Math.abs(quantizer.amax![0] - expected) < 4 * width,
          `${what}: ${quantizer.amax}, not ${expected}`,
        );
      }
      quantizer.loadCalibAmax({ method: "mse" });
      // The minimum is flat: candidates apart have the same error.
      const error = (of: number) =>
        batches.reduce((sum, x) => sum + squaredError(floats(x), of, quantizer), 0);
      assert.ok(error(quantizer.amax![0]) < 1.003 * error(mse), `${what}: mse ${quantizer.amax}, not ${mse}`);
      quantizer.loadCalibAmax({ method: "entropy" });
      // The divergence depends on the width of bins, most with few levels.
      const apart = quantizer.bits < 8 ? 0.12 : 0.001;
      assert.ok(
        Math.abs(quantizer.amax![0] / entropy - 1) < apart,
        `${what}: ${quantizer.amax}, not ${entropy}`,
      );
    }
  });
}

function squaredError(x: Float32Array, amax: number, { maxBound, unsigned }: TensorQuantizer): number {
  const unit = maxBound / amax;
  const valueOf = (value: number) =>
    Math.min(Math.max(Math.round(value * unit), unsigned ? 0 : -maxBound), maxBound) / unit;
  return x.reduce((sum, value) => sum + (valueOf(value) - value) ** 2, 0);
}

test("TensorQuantizer with a histogram per channel chooses the amax of calibrate_weights", async () => {
  for (const { shape, axis, method, options, amax } of golden.channels) {
    const quantizer = new TensorQuantizer({ axis, calibMethod: "histogram" }, { calib: true });
    await quantizer.forward(spreadTensor(shape, 7, "heavy"));
    quantizer.loadCalibAmax({ method, ...options });
    const found = quantizer.amax!;
    assert.equal(found.length, amax.length);
    // A bin is at most 1/1,024 of a channel's 50; the minimum of mse is flat.
    const within = method === "mse" ? 1 : 50 / 1024;
    found.forEach((one, i) =>
      assert.ok(Math.abs(one - amax[i]) <= within, `${method} ${one}, not ${amax[i]}`)
    );
  }
});
