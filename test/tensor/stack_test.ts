import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { elementCount } from "../../src/tensor/shape.ts";
import { sliceAt, slicesAt, stackAt } from "../../src/tensor/stack.ts";
import { numbers, type Tensor, tensor } from "../../src/tensor/tensor.ts";
import { seed } from "../seed.ts";

const countingTensor = (shape: readonly number[], dtype: "float32" | "int64" | "bool" = "float32"): Tensor =>
  tensor(dtype, shape, Array.from({ length: elementCount(shape) }, (_, i) => dtype === "bool" ? i % 2 : i));

test(`stackAt joins slices of sliceAt (seed ${seed})`, () => {
  const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 });
  const types = fc.constantFrom("float32" as const, "int64" as const, "bool" as const);
  fc.assert(
    fc.property(shapes, types, fc.nat(), (shape, dtype, free) => {
      const [t, axis] = [countingTensor(shape, dtype), free % shape.length];
      const slices = Array.from({ length: shape[axis] }, (_, i) => sliceAt(t, axis, i));
      const [first, ...others] = slices;
      assert.deepEqual(stackAt([first, ...others], axis), t);
      assert.deepEqual(slicesAt(t, axis, shape.map(() => 0)).shape, shape.with(axis, shape.length));
    }),
    { seed },
  );
});

test("slicesAt returns positions in order, also none; axes may count from the end", () => {
  const t = countingTensor([2, 3]);
  assert.deepEqual(numbers(slicesAt(t, 1, [2, 0])), [2, 0, 5, 3]);
  assert.deepEqual(slicesAt(t, -1, []).shape, [2, 0]);
  assert.deepEqual(numbers(sliceAt(t, -2, 1)), [3, 4, 5]);
  assert.deepEqual(stackAt([countingTensor([2])], -1).shape, [2, 1]);
});

test("stackAt refuses slices of other shapes and types", () => {
  const assertRefused = (other: Tensor) =>
    assert.throws(() => stackAt([countingTensor([2]), other], 0), RangeError);
  assertRefused(countingTensor([3]));
  assertRefused(countingTensor([2], "int64"));
});
