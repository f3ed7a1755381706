import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ModelError } from "../../src/error.ts";
import { encodeBias } from "../../src/quantize/bias.ts";
import type { Encoding } from "../../src/quantize/encoding.ts";

function perChannel(...scale: number[]): Encoding {
  return {
    scale: Float32Array.from(scale),
    zeroPoint: new Int32Array(scale.length),
    bits: 8,
    signed: true,
    axis: 0,
  };
}

test("encodeBias: scale is the product in float32, codes half to even", () => {
  const weight = perChannel(0.5, 0.25, 0.1);
  const { codes, scale, widened, weight: kept } = encodeBias(Float32Array.of(0.625, -0.375, 1), 0.5, weight);
  assert.deepEqual([...scale], [0.25, 0.125, Math.fround(0.5 * Math.fround(0.1))]);
  assert.deepEqual([...codes], [2, -3, 20]); // 2.5 → 2
  assert.deepEqual(widened, []);
  assert.equal(kept, weight);
});

test("encodeBias: a per-tensor weight has one bias scale", () => {
  const weight: Encoding = {
    scale: Float32Array.of(2 ** -40),
    zeroPoint: Int32Array.of(0),
    bits: 8,
    signed: true,
  };
  const { codes, scale, widened } = encodeBias(Float32Array.of(1, -2, 0), 1, weight);
  assert.equal(scale.length, 1);
  assert.deepEqual(widened, [0]);
  assert.ok(Math.abs(codes[1] + 2 ** 31 / 1.0001) < 2 ** 9 && codes[2] === 0);
});

test("encodeBias: widens only the channels that overflow, by ONNX Runtime's ratio", () => {
  const weight = perChannel(0.01, 1e-12, 1e-30);
  const bias = Float32Array.of(3, 0.5, -2);
  const { weight: wide, widened, codes, scale } = encodeBias(bias, 0.02, weight);
  assert.deepEqual(widened, [1, 2]);
  assert.equal(wide.scale[0], weight.scale[0]);
  const least = (b: number) => 1.0001 * 2 * Math.abs(b) / (2 ** 32 - 2);
  assert.equal(wide.scale[1], Math.fround(least(0.5) / 0.02));
  bias.forEach((b, c) => assert.ok(Math.abs(codes[c] * scale[c] - b) <= scale[c] / 2 + 1e-7 * Math.abs(b)));
  assert.equal(weight.scale[1], Math.fround(1e-12), "the given encoding is untouched");
});

test("encodeBias: no code is clipped and every bias is within half a step, for any scales", () => {
  const scale = fc.double({ min: -30, max: 4, noNaN: true }).map((e) => 10 ** e);
  const channel = fc.tuple(fc.float({ noNaN: true, min: -1e6, max: 1e6 }), scale);
  fc.assert(
    fc.property(fc.array(channel, { minLength: 1, maxLength: 8 }), scale, (channels, scaleX) => {
      const bias = Float32Array.from(channels, ([b]) => b);
      const found = encodeBias(bias, scaleX, perChannel(...channels.map(([, s]) => s)));
      bias.forEach((b, c) => {
        const s = found.scale[c];
        assert.ok(s >= 2 ** -126 && s === Math.fround(scaleX * found.weight.scale[c]));
        assert.ok(Math.abs(found.codes[c]) <= 2 ** 31 - 1);
        assert.ok(Math.abs(found.codes[c] * s - b) <= s / 2 * (1 + 1e-9));
      });
    }),
  );
});

test("encodeBias: refuses non-finite biases, scales and counts that do not fit", () => {
  assert.throws(
    () => encodeBias(Float32Array.of(0, NaN), 1, perChannel(1, 1)),
    new ModelError("Cannot quantize a bias: element 1 is NaN, expected finite numbers"),
  );
  for (const scaleX of [0, -1, NaN, Infinity]) {
    assert.throws(() => encodeBias(Float32Array.of(1), scaleX, perChannel(1)), RangeError);
  }
  assert.throws(() => encodeBias(Float32Array.of(1, 2), 1, perChannel(1, 1, 1)), /the weight has 3 scales/);
  assert.throws(() => encodeBias(Float32Array.of(1), 1e30, perChannel(1e30)), /channel 0 is beyond float32/);
});
