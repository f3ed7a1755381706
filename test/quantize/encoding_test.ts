import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { codesOf, encode, encodingOf, type Range, type Scheme } from "../../src/quantize/encoding.ts";
import { dequantizeTensor, quantizeTensor } from "../../src/quantize/weights.ts";

type Case = { scheme: Scheme; low: number; high: number; scale: number; zeroPoint: number } & {
  values: number[];
  codes: number[];
};
const golden: Case[] = JSON.parse(readFileSync(new URL("../golden/encode.json", import.meta.url), "utf8"));

const scheme = fc.record({
  bits: fc.integer({ min: 2, max: 16 }),
  signed: fc.boolean(),
  symmetric: fc.boolean(),
  narrow: fc.boolean(),
});
const end = fc.float({ noNaN: true, min: Math.fround(-1e30), max: Math.fround(1e30) });
const range = fc.tuple(end, end).map(([a, b]): Range => ({ low: Math.min(a, b), high: Math.max(a, b) }));

test("encode and quantizeTensor: equal ONNX Runtime's compute_scale_zp and quantize_nparray", () => {
  for (const { scheme, low, high, scale, zeroPoint, values, codes } of golden) {
    const range = { low: Math.fround(low), high: Math.fround(high) };
    const note = JSON.stringify({ scheme, low, high });
    const encoding = encodingOf(range, scheme);
    assert.deepEqual(encode(range, scheme), { scale: Math.fround(scale), zeroPoint }, note);
    // ONNX Runtime clamps to the type, not to the narrow codes.
    const found = quantizeTensor(Float32Array.from(values), [8], { ...encoding, narrow: false });
    assert.deepEqual([...found], codes, note);
  }
});

test("encode: the zero point is a code, so zero is exact; symmetric ones are in the middle", () => {
  fc.assert(
    fc.property(scheme, range, (scheme, range) => {
      const { scale, zeroPoint } = encode(range, scheme);
      const [low, high] = codesOf(scheme);
      assert.ok(scale >= 2 ** -126 && Number.isFinite(scale) && Math.fround(scale) === scale);
      assert.ok(
        Number.isInteger(zeroPoint) && zeroPoint >= low && zeroPoint <= high && !Object.is(zeroPoint, -0),
      );
      if (scheme.symmetric) assert.equal(zeroPoint, scheme.signed ? 0 : 2 ** (scheme.bits - 1));
      const encoding = encodingOf(range, scheme);
      const zero = quantizeTensor(Float32Array.of(0, -0), [2], encoding);
      assert.deepEqual([...dequantizeTensor(zero, [2], encoding)], [0, 0]);
    }),
  );
});

test("encode: refuses infinite ranges and NaN", () => {
  const int8: Scheme = { bits: 8, signed: true, symmetric: true };
  for (const range of [{ low: NaN, high: 1 }, { low: 0, high: Infinity }, { low: -Infinity, high: 0 }]) {
    assert.throws(
      () => encode(range, int8),
      /^RangeError: Cannot encode a range: it is .*, expected finite ends$/,
    );
  }
});

test("quantizeTensor: codes survive dequantizing and quantizing again", () => {
  fc.assert(
    fc.property(scheme, range, (scheme, range) => {
      const encoding = encodingOf(range, scheme);
      const [low, high] = codesOf(encoding);
      const step = Math.max(1, Math.floor((high - low) / 300));
      const codes: number[] = [high];
      for (let code = low; code < high; code += step) codes.push(code);
      const shape = [codes.length];
      const again = quantizeTensor(dequantizeTensor(codes, shape, encoding), shape, encoding);
      assert.deepEqual([...again], codes);
    }),
  );
});

test("quantizeTensor: within half a step inside the range, clamped outside", () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(scheme, range, fc.array(share, { maxLength: 20 }), (scheme, range, shares) => {
      const encoding = encodingOf(range, scheme);
      const [scale, zeroPoint] = [encoding.scale[0], encoding.zeroPoint[0]];
      const [low, high] = codesOf(scheme).map((code) => (code - zeroPoint) * scale);
      const x = Float32Array.from(shares, (s) => Math.min(Math.max(low + s * (high - low), -3e38), 3e38));
      const back = dequantizeTensor(quantizeTensor(x, [x.length], encoding), [x.length], encoding);
      // float32 rounds the quotient and the product: 2^-24 of |x| each, and x itself at the ends.
      x.forEach((v, i) => assert.ok(Math.abs(back[i] - v) <= scale / 2 + Math.abs(v) * 2 ** -22));
      const beyond = Float32Array.of(2 * low - scale, 2 * high + scale);
      assert.deepEqual([...quantizeTensor(beyond, [2], encoding)], codesOf(scheme));
    }),
  );
});

test("quantizeTensor: ties go to the even quotient", () => {
  const encoding = { scale: Float32Array.of(1), zeroPoint: Int32Array.of(1), bits: 8, signed: true };
  const x = Float32Array.of(0.5, 1.5, 2.5, -0.5, -1.5, 125.5, 127.5, -128.5, 1e30, -1e30);
  assert.deepEqual([...quantizeTensor(x, [10], encoding)], [1, 3, 3, 1, -1, 127, 127, -127, 127, -128]);
});
