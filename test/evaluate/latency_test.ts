import assert from "node:assert/strict";
import test from "node:test";
import { uniform } from "../../src/tensor/seeded.ts";
import {
  distributionOf,
  driftPercent,
  medianInterval,
  percentileOf,
  ratioOf,
} from "../../src/evaluate/latency.ts";
import { medianOf } from "../../src/tensor/median.ts";

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

test("percentileOf: trtexec's index n − 1 − ⌊(1 − p/100) · n⌋", () => {
  const of = (count: number, percent: number) => percentileOf(upTo(count), percent);
  assert.deepEqual([90, 95, 99].map((percent) => of(100, percent)), [90, 95, 99]);
  assert.deepEqual([90, 99].map((percent) => of(10, percent)), [9, 10]);
  assert.deepEqual([0, 50, 100].map((percent) => of(4, percent)), [1, 2, 4]);
  assert.equal(of(1000, 99.9), 999);
  assert.equal(of(1, 0), 1);
});

test("medianOf: the middle, or the mean of the middle pair, in any order", () => {
  assert.equal(medianOf([3, 1, 2]), 2);
  assert.equal(medianOf([4, 1, 3, 2]), 2.5);
});

test("distributionOf: population deviation over the mean, and the requested percentiles", () => {
  const found = distributionOf([2, 4, 4, 4, 5, 5, 7, 9], [90]);
  assert.deepEqual([found.min, found.max, found.mean, found.median], [2, 9, 5, 4.5]);
  assert.equal(found.variationPercent, 40);
  assert.deepEqual([...found.percentiles], [[90, 9]]);
  assert.equal(distributionOf([0, 0]).variationPercent, 0);
});

test("ratioOf: an interval around the ratio of medians, significant without 1 in it", () => {
  const blocks = (factor: number) =>
    upTo(12).map((i) => [10, 10.1, 10.2].map((ms) => factor * (ms + 0.01 * i)));
  const found = ratioOf(blocks(2), blocks(1), uniform(0));
  assert.ok(Math.abs(found.median - 2) < 1e-12, String(found.median));
  assert.ok(found.ci95[0] > 1.95 && found.ci95[0] <= 2 && found.ci95[1] >= 2 && found.ci95[1] < 2.05);
  assert.equal(found.significant, true);
  assert.deepEqual(ratioOf(blocks(2), blocks(1), uniform(0)), found);
});

test("ratioOf: common slowdowns of both blocks of a round cancel", () => {
  const disturb = (ms: number) => upTo(10).map((i) => [ms * (i > 5 ? 3 : 1)]);
  const { ci95, significant } = ratioOf(disturb(2), disturb(1), uniform(1));
  assert.deepEqual([ci95, significant], [[2, 2], true]);
});

test("ratioOf: not significant if the interval includes 1, or with one block", () => {
  const noisy = (seed: number) => {
    const next = uniform(seed);
    return upTo(20).map(() => [1 + next()]);
  };
  assert.equal(ratioOf(noisy(1), noisy(2), uniform(0)).significant, false);
  assert.equal(ratioOf([[2, 2]], [[1, 1]], uniform(0)).significant, false);
});

test("medianInterval: holds the median of all blocks", () => {
  const [low, high] = medianInterval(upTo(30).map((i) => [i, i + 0.5]), uniform(3));
  assert.ok(low < 15.75 && high > 15.75 && low > 8 && high < 24, `${low} to ${high}`);
});

test("driftPercent: last third against the first; none for a handful of values", () => {
  assert.equal(driftPercent([10, 10, 10, 11, 11, 11, 12, 12, 12]), (100 * 2) / 11);
  assert.equal(driftPercent([5, 5, 5, 5, 5, 5]), 0);
  assert.equal(driftPercent([1, 2, 3, 4, 5]), 0);
});
