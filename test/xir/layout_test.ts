// Layouts of 4-D values, and names.
import assert from "node:assert/strict";
import test from "node:test";
import { numbers, tensor } from "../../src/tensor/tensor.ts";
import {
  axisIn,
  isSameInBoth,
  isStill,
  listIn,
  orderTo,
  shapeIn,
  transposeTensor,
  withShape,
} from "../../src/xir/layout.ts";
import { xirNames } from "../../src/xir/names.ts";

test("4-D values have their channels last, others and scalars do not", () => {
  assert.deepEqual(shapeIn([1, 2, 3, 4], "last"), [1, 3, 4, 2]);
  assert.deepEqual(shapeIn([1, 2, 3, 4], "plain"), [1, 2, 3, 4]);
  assert.deepEqual(shapeIn([2, 3], "last"), [2, 3]);
  assert.deepEqual(shapeIn([], "plain"), [1]);
  assert.deepEqual([0, 1, 2, 3].map((axis) => axisIn(axis, 4, "last")), [0, 3, 1, 2]);
  assert.equal(axisIn(1, 3, "last"), 1);
  assert.deepEqual(listIn(["n", "c", "h", "w"], "last"), ["n", "h", "w", "c"]);
});

test("axes of one element move freely", () => {
  assert.equal(isSameInBoth([1, 5, 1, 1]), true);
  assert.equal(isSameInBoth([1, 1, 4, 5]), true);
  assert.equal(isSameInBoth([2, 5, 1, 1]), true);
  assert.equal(isSameInBoth([1, 2, 1, 3]), false);
  assert.equal(isSameInBoth([5, 6, 7]), true);
  assert.equal(isStill([1, 2, 3], [1, 0, 2]), true);
  assert.equal(isStill([1, 2, 3], [2, 1, 0]), false);
});

test("transposeTensor permutes and reverses, and back again", () => {
  const whole = tensor("float32", [1, 2, 2, 3], [...Array(12).keys()]);
  const last = transposeTensor(whole, orderTo("last"));
  assert.deepEqual(last.shape, [1, 2, 3, 2]);
  assert.deepEqual(numbers(last), [0, 6, 1, 7, 2, 8, 3, 9, 4, 10, 5, 11]);
  assert.deepEqual(numbers(transposeTensor(last, orderTo("plain"))), numbers(whole));
  const row = withShape(tensor("float32", [4], [1, 2, 3, 4]), [2, 2]);
  assert.deepEqual(numbers(transposeTensor(row, [0, 1], [1])), [2, 1, 4, 3]);
  assert.deepEqual(numbers(transposeTensor(row, [1, 0], [0, 1])), [4, 2, 3, 1]);
});

test("names that become equal get numbers", () => {
  const nameOf = xirNames();
  assert.deepEqual(["a:b", "a.b", "a_b", "a_b_1", ""].map(nameOf), ["a_b", "a_b_1", "a_b_2", "a_b_1_1", "_"]);
});
