import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ModelError } from "../../src/error.ts";
import type { Encoding, Scheme } from "../../src/quantize/encoding.ts";
import { mseOfElements } from "../../src/calibrate/solve_mse.ts";
import { dequantizeTensor, encodeWeights, fullRange, quantizeTensor } from "../../src/quantize/weights.ts";

const int8: Scheme = { bits: 8, signed: true, symmetric: true, narrow: true };
const int4: Scheme = { ...int8, bits: 4 };

/** Roughly normal numbers, the same in every run. */
function bell(count: number): Float32Array {
  let state = 7;
  const random = () => (state = state * 48271 % 2147483647) / 2147483647;
  return Float32Array.from({ length: count }, () => random() + random() + random() + random() - 2);
}

function errorOf(values: Float32Array, shape: number[], encoding: Encoding): number {
  const back = dequantizeTensor(quantizeTensor(values, shape, encoding), shape, encoding);
  return back.reduce((sum, x, i) => sum + (x - values[i]) ** 2, 0);
}

test("encodeWeights: one scale per channel along any axis, absmax / 127", () => {
  const weights = Float32Array.of(1, -2, 3, -4, 5, -6, 7, -8, 9, -10, 11, -12); // [2, 3, 2]
  const scales = (axis?: number) => [...encodeWeights(weights, [2, 3, 2], int8, axis, fullRange).scale];
  const of = (...largest: number[]) => largest.map((x) => Math.fround(x / 127));
  assert.deepEqual(scales(), of(12));
  assert.deepEqual(scales(0), of(6, 12));
  assert.deepEqual(scales(1), of(8, 10, 12));
  assert.deepEqual(scales(-1), of(11, 12));
  assert.equal(encodeWeights(weights, [2, 3, 2], int8, -1, fullRange).axis, 2);
  assert.ok(!("axis" in encodeWeights(weights, [2, 3, 2], int8, undefined, fullRange)));
});

test("encodeWeights: each channel equals the tensor of that channel alone", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 5 }),
      fc.constantFrom(fullRange, mseOfElements),
      (outer, channels, inner, method) => {
        const weights = bell(outer * channels * inner);
        const encoding = encodeWeights(weights, [outer, channels, inner], int4, 1, method);
        const codes = quantizeTensor(weights, [outer, channels, inner], encoding);
        for (let c = 0; c < channels; c++) {
          const of = (x: ArrayLike<number>) =>
            Array.from(x).filter((_, i) => Math.floor(i / inner) % channels === c);
          const part = Float32Array.from(of(weights));
          const alone = encodeWeights(part, [part.length], int4, undefined, method);
          assert.equal(encoding.scale[c], alone.scale[0]);
          assert.deepEqual(of(codes), [...quantizeTensor(part, [part.length], alone)]);
        }
      },
    ),
  );
});

test("encodeWeights: a dead channel gets scale 1 and codes 0", () => {
  const encoding = encodeWeights(Float32Array.of(0, -0, 1, -1), [2, 2], int8, 0, mseOfElements);
  assert.equal(encoding.scale[0], 1);
  assert.deepEqual([...quantizeTensor(Float32Array.of(0, -0, 1, -1), [2, 2], encoding)], [0, 0, 127, -127]);
  assert.deepEqual([...encodeWeights(new Float32Array(0), [2, 0], int8, 0, fullRange).scale], [1, 1]);
});

test("encodeWeights: narrow codes leave out -128 even if mse clips", () => {
  const weights = Float32Array.of(...bell(400), -9);
  const encoding = encodeWeights(weights, [401], { ...int8, bits: 3 }, undefined, mseOfElements);
  assert.ok(encoding.scale[0] < 3, "clips");
  assert.equal(Math.min(...quantizeTensor(weights, [401], encoding)), -3);
});

test("encodeWeights: mse has the least squared error of its grid, and beats maxmin at 4 bits", () => {
  const [weights, shape] = [bell(600), [600]];
  for (const scheme of [int4, int8, { bits: 4, signed: false, symmetric: false }]) {
    const found = encodeWeights(weights, shape, scheme, undefined, mseOfElements);
    const full = encodeWeights(weights, shape, scheme, undefined, fullRange);
    const [low, high] = [Math.min(...weights), Math.max(...weights)];
    const grid = Array.from({ length: 61 }, (_, i) => {
      const factor = (100 - i) / 100;
      const shrunk = weights.map((w) => Math.min(Math.max(w, low * factor), high * factor));
      return errorOf(weights, shape, encodeWeights(shrunk, shape, scheme, undefined, fullRange));
    });
    const error = errorOf(weights, shape, found);
    // Ends shrunk through float32 here, in double there: scales differ in the last bit.
    assert.ok(error <= Math.min(...grid) * (1 + 1e-4), `${error} against ${Math.min(...grid)}`);
    assert.ok(error <= errorOf(weights, shape, full));
    if (scheme === int4) assert.ok(error < 0.95 * errorOf(weights, shape, full));
  }
});

test("quantizeTensor: code arrays by bits and sign", () => {
  const codes = (bits: number, signed: boolean) =>
    quantizeTensor(
      Float32Array.of(1e6, -1e6),
      [2],
      { scale: Float32Array.of(1), zeroPoint: Int32Array.of(0), bits, signed },
    );
  assert.deepEqual(codes(4, true), Int8Array.of(7, -8));
  assert.deepEqual(codes(4, false), Uint8Array.of(15, 0));
  assert.deepEqual(codes(8, true), Int8Array.of(127, -128));
  assert.deepEqual(codes(12, true), Int16Array.of(2047, -2048));
  assert.deepEqual(codes(16, false), Uint16Array.of(65535, 0));
  assert.deepEqual(codes(32, true), Int32Array.of(1e6, -1e6));
  assert.throws(() => codes(24, true), /^RangeError: Cannot quantize to 24 bits/);
});

test("weights: refuses non-finite values, wrong counts and wrong scales", () => {
  for (const bad of [NaN, Infinity, -Infinity]) {
    assert.throws(
      () => encodeWeights(Float32Array.of(0, 1, bad, 2), [2, 2], int8, 0, fullRange),
      new ModelError(`Cannot quantize weights: element 2 is ${bad}, expected finite numbers`),
    );
  }
  assert.throws(
    () => encodeWeights(new Float32Array(3), [2, 2], int8, 0, mseOfElements),
    /3 values, expected 4/,
  );
  const encoding = encodeWeights(new Float32Array(4), [2, 2], int8, 0, fullRange);
  assert.throws(
    () => quantizeTensor(new Float32Array(6), [3, 2], encoding),
    /2 scales, .* expected 3 of each/,
  );
  assert.throws(() => encodeWeights(new Float32Array(4), [2, 2], int8, 2, fullRange), /Axis is 2/);
});
