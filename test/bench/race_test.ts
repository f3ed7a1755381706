import assert from "node:assert/strict";
import test from "node:test";
import { geometricMean, race, speedup } from "../../bench/engine/race.ts";

/** Jobs that take this many milliseconds of a clock that only they advance. */
function onClock(...lengths: number[]) {
  let ms = 0;
  const order: number[] = [];
  const works = lengths.map((length, i) => () => {
    ms += length;
    order.push(i);
    return Promise.resolve();
  });
  return { works, order, now: () => ms };
}

test("race: long jobs run once per round, and the first one alternates", async () => {
  const { works, order, now } = onClock(1000, 2000);
  const times = await race(works, { rounds: 4, seconds: 1e6 }, now);
  assert.deepEqual(times, [[1, 1, 1, 1], [2, 2, 2, 2]]);
  assert.equal(order.join(""), "01" + "01100110");
});

test("race: short jobs run in blocks, and the time of one run is reported", async () => {
  const { works, order, now } = onClock(50, 1);
  const times = await race(works, { rounds: 1, seconds: 1e6 }, now);
  assert.deepEqual(times, [[0.05], [0.001]]);
  assert.equal(order.length, 2 + 4 + 50);
});

test("race: stops when its time is up, after three rounds", async () => {
  const slow = onClock(10_000);
  assert.equal((await race(slow.works, { rounds: 9, seconds: 20 }, slow.now))[0].length, 3);
  const quick = onClock(1000);
  assert.equal((await race(quick.works, { rounds: 9, seconds: 5 }, quick.now))[0].length, 5);
});

test("speedup: of the medians, and by round", () => {
  assert.deepEqual(speedup([1, 2, 4], [2, 6, 4]), { ratio: 2, byRound: [2, 3, 1] });
});

test("geometricMean: of ratios and their inverses is one", () => {
  assert.equal(geometricMean([0.5, 2]), 1);
  assert.ok(Math.abs(geometricMean([1, 2, 4]) - 2) < 1e-12);
});
