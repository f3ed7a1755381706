import assert from "node:assert/strict";
import test from "node:test";
import { batchesOf } from "../../src/finetune/gradient/train_unit.ts";
import { endsPeriod, heldOutCount, rateAt, stepsOf, warmUpOf } from "../../src/finetune/train/schedule.ts";

test("rateAt: rises over the warm-up, then falls along half a cosine towards zero", () => {
  const [steps, warmUp] = [100, warmUpOf(100)];
  const rates = Array.from({ length: steps }, (_, index) => rateAt(2, index, steps, warmUp));
  assert.equal(warmUp, 5);
  assert.equal(Math.max(...rates), rates[warmUp]);
  assert.equal(rates[warmUp], 2);
  rates.slice(1).forEach((rate, i) => assert.ok(i < warmUp ? rate > rates[i] : rate < rates[i], `${i}`));
  assert.ok(rates[0] > 0 && rates[steps - 1] > 0 && rates[steps - 1] < 0.01);
});

test("schedule: at least one step, a shorter last period, nothing held out of few samples", () => {
  assert.deepEqual([stepsOf(3, 100, 32), stepsOf(1, 5, 32)], [9, 1]);
  const ends = Array.from({ length: 10 }, (_, index) => endsPeriod(index, 4, 10));
  assert.deepEqual(ends.flatMap((isEnd, index) => isEnd ? [index] : []), [3, 7, 9]);
  assert.deepEqual([1, 39, 40, 1000].map((count) => heldOutCount(count)), [0, 0, 4, 100]);
  assert.deepEqual([heldOutCount(1000, 32), heldOutCount(64, 8)], [96, 0]);
});

test("batchesOf: an epoch sees each sample once, epochs differ, and batches depend on the step alone", () => {
  const one = batchesOf(12, 4, 7);
  const epochs = [0, 1].map((epoch) => [0, 1, 2].flatMap((i) => one(3 * epoch + i)));
  for (const epoch of epochs) {
    assert.deepEqual(epoch.toSorted((a, b) => a - b), [...Array(12).keys()]);
  }
  assert.notDeepEqual(epochs[0], epochs[1]);
  assert.deepEqual(batchesOf(12, 4, 7)(4), one(4));
  assert.notDeepEqual(batchesOf(12, 4, 8)(4), one(4));
});
