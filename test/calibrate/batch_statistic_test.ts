// Reducing one range per batch to one range.
import assert from "node:assert/strict";
import test from "node:test";
import { batchStatistics, reduceRanges } from "../../src/calibrate/batch_statistic.ts";
import type { Scheme } from "../../src/quantize/encoding.ts";

const float: Scheme = { bits: 8, signed: true, symmetric: true };
const two: Scheme = { ...float, powerOfTwo: true };
const ranges = [1, 2, 2, 7].map((high) => ({ low: -high, high }));

test("reduceRanges: max, mean, median and moving average of both ends", () => {
  assert.deepEqual(reduceRanges(ranges, "max", float), { low: -7, high: 7 });
  assert.deepEqual(reduceRanges(ranges, "mean", float), { low: -3, high: 3 });
  assert.deepEqual(reduceRanges(ranges, "median", float), { low: -2, high: 2 });
  const average = reduceRanges(ranges, "moving_average", float);
  assert.ok(Math.abs(average.high - (((1 * 0.99 + 0.02) * 0.99 + 0.02) * 0.99 + 0.07)) < 1e-12);
});

test("reduceRanges: modal is the most frequent scale; among equally frequent ones the smallest scale, or fix position", () => {
  assert.equal(reduceRanges(ranges, "modal", float).high, 2);
  const even = [1, 1, 8, 8].map((high) => ({ low: 0, high }));
  assert.equal(reduceRanges(even, "modal", float).high, 1);
  assert.equal(reduceRanges(even, "modal", two).high, 8);
});

test("reduceRanges: one batch is its own range, none is refused", () => {
  for (const statistic of batchStatistics) {
    assert.deepEqual(reduceRanges([{ low: -1, high: 3 }], statistic, float), { low: -1, high: 3 });
    assert.throws(() => reduceRanges([], statistic, float), /there are none/);
  }
});
