import assert from "node:assert/strict";
import test from "node:test";
import { bfloatBits, bfloatToFloat, halfBits, halfToFloat } from "../../src/tensor/half.ts";
import { fromNumbers, numbers } from "../../src/tensor/tensor.ts";

test("halfBits and bfloatBits undo halfToFloat and bfloatToFloat for all 65,536 words but NaN", () => {
  for (let bits = 0; bits < 65536; bits++) {
    const [half, bfloat] = [halfToFloat(bits), bfloatToFloat(bits)];
    if (!Number.isNaN(half)) assert.equal(halfBits(half), bits);
    if (!Number.isNaN(bfloat)) assert.equal(bfloatBits(bfloat), bits);
  }
});

test("fromNumbers rounds 16-bit floats to even, to infinity beyond their range, and keeps NaN", () => {
  const values = [1 + 2 ** -11, 1 + 3 * 2 ** -11, 65519, 65520, -1e9, 2 ** -25, 1.5 * 2 ** -25, NaN];
  const rounded = [1, 1 + 2 ** -9, 65504, Infinity, -Infinity, 0, 2 ** -24, NaN];
  assert.deepEqual(numbers(fromNumbers("float16", [8], values)), rounded);
  const wide = [1 + 2 ** -8, 1 + 3 * 2 ** -8, 3.4e38, -Infinity];
  assert.deepEqual(numbers(fromNumbers("bfloat16", [4], wide)), [1, 1 + 2 ** -6, Infinity, -Infinity]);
});
