import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { loadAhead } from "../../src/dataset/ahead.ts";

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test("loadAhead keeps the order of the items, whatever order they finish in", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(3), { maxLength: 12 }),
      fc.integer({ min: 1, max: 5 }),
      async (delays, width) => {
        const seen: number[] = [];
        const load = async (i: number) => (await pause(delays[i]), i);
        for await (const i of loadAhead(delays.keys(), width, load)) seen.push(i);
        assert.deepEqual(seen, [...delays.keys()]);
      },
    ),
    { numRuns: 20 },
  );
});

test("loadAhead never has more than `width` results under way or waiting", async () => {
  let started = 0;
  let taken = 0;
  let most = 0;
  const load = async (i: number) => {
    most = Math.max(most, ++started - taken);
    await pause(i % 3);
    return i;
  };
  for await (const _ of loadAhead(Array(40).keys(), 5, load)) {
    taken++;
    await pause(1);
  }
  assert.equal(started, 40);
  // One more than the width: the result that the consumer holds counts until it takes the next.
  assert.ok(most <= 6, `${most} were under way`);
});

test("loadAhead loads while the consumer is busy", async () => {
  let started = 0;
  const results = loadAhead(Array(40).keys(), 5, async (i: number) => (started++, i));
  await results.next();
  assert.equal(started, 6);
  await results.return();
});

test("loadAhead throws a failure at its place, and only there", async () => {
  const seen: number[] = [];
  const load = async (i: number) => {
    if (i === 3) throw new Error("three");
    return i;
  };
  await assert.rejects(async () => {
    for await (const i of loadAhead(Array(10).keys(), 4, load)) seen.push(i);
  }, /three/);
  assert.deepEqual(seen, [0, 1, 2]);
});

test("loadAhead stops loading when the consumer leaves, and drops late failures", async () => {
  let started = 0;
  const load = async (i: number) => {
    started++;
    await pause(1);
    if (i > 0) throw new Error(`late ${i}`);
    return i;
  };
  for await (const _ of loadAhead(Array(20).keys(), 4, load)) break;
  await pause(10);
  assert.equal(started, 5);
});
