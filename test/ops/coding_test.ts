import assert from "node:assert/strict";
import test from "node:test";
import { ModelError } from "../../src/error.ts";
import { checkCoding } from "../../src/ops/lowering/coding.ts";
import { tensor } from "../../src/tensor/tensor.ts";
import type { Shape } from "../../src/tensor/shape.ts";

const scaleOf = (shape: Shape) => ({ dtype: "float32", shape }) as const;
const scales = (values: readonly number[], shape: Shape = [values.length]) => ({
  ...scaleOf(shape),
  constant: tensor("float32", shape, values),
});
const whole = { axis: 1, block_size: 0 };

test("checkCoding: one scale for all, one per channel, and blocks of equal rank pass", () => {
  checkCoding(scaleOf([2, 3]), scales([0.5], []), { dtype: "uint8", shape: [] }, whole);
  checkCoding(scaleOf([2, 3]), scales([1, 2, 1e-38]), { dtype: "int8", shape: [3] }, whole);
  checkCoding(scaleOf([2, 4]), scaleOf([2, 2]), undefined, { axis: 1, block_size: 2 });
});

for (
  const [what, shape, scale, zeros, a, message] of [
    ["zero scales", [4], scales([0]), undefined, whole, /a scale is 0, expected a positive number/],
    ["negative scales", [4], scales([-1]), undefined, whole, /a scale is -1/],
    ["NaN", [4, 2], scales([1, NaN]), undefined, whole, /a scale is NaN/],
    ["infinite scales", [4], scales([Infinity]), undefined, whole, /a scale is Infinity/],
    [
      "another axis",
      [2, 3],
      scales([1, 2, 3]),
      undefined,
      { ...whole, axis: 0 },
      /axis 0: there are 3 scales/,
    ],
    ["two zero points for a scale", [4], scales([1]), [2], whole, /2 zero points and 1 scales/],
    ["scales of another rank for blocks", [2, 4], scales([1, 2]), undefined, {
      axis: 1,
      block_size: 2,
    }, /blocks of 2: scales are \[2\]/],
  ] as const
) {
  test(`checkCoding refuses ${what}`, () => {
    const zeroPoint = zeros && { dtype: "int8", shape: zeros } as const;
    assert.throws(() => checkCoding(scaleOf(shape), scale, zeroPoint, a), (error: Error) => {
      assert.ok(error instanceof ModelError);
      assert.match(error.message, message);
      return true;
    });
  });
}
