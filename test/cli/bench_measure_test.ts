// The measurement itself, with a simulated clock that only the toy machine and waiting advance.
import assert from "node:assert/strict";
import test from "node:test";
import { measure, type Pace } from "../../cli/latency/measure.ts";
import { resultOf, speedupOf } from "../../cli/latency/result.ts";
import type { Clock } from "../../cli/latency/scenario.ts";
import { DeviceError } from "../../src/error.ts";
import type { Feeds, Machine } from "../../src/plan/machine.ts";
import type { Plan } from "../../src/plan/plan.ts";

const feeds: Feeds = new Map();
const pace: Pace = {
  warmUpMs: 20,
  durationMs: 1000,
  iterations: 10,
  sleepMs: 0,
  idleMs: 0,
  scenario: "single",
  seed: 0,
};

const emptyPlan = (): Plan => ({
  once: [],
  calls: [],
  buffers: new Map(),
  inputs: [],
  outputs: [],
  arenaBytes: 256,
});

/**
 * A machine whose queries take `lengths[i]` ms, one after another, in recorded order. After `lostAfter`, its device is
 * lost.
 */
function toyMachine(lengths: readonly number[], lostAfter = Infinity) {
  let ms = 0;
  let busyUntil = 0;
  const order: number[] = [];
  const plans = lengths.map(emptyPlan);
  const clock: Clock = {
    now: () => ms,
    wait: (pause) => {
      ms += pause;
      return Promise.resolve();
    },
  };
  const query = (plan: Plan) => {
    if (order.length >= lostAfter) throw new DeviceError("Cannot go on: the device was lost");
    const which = plans.indexOf(plan);
    order.push(which);
    busyUntil = Math.max(busyUntil, ms) + lengths[which];
    ms = Math.max(ms, busyUntil);
    return Promise.resolve(new Map());
  };
  const machine: Machine = {
    description: "toy",
    software: true,
    run: async (plan) => await query(plan),
    profile: async (plan) => {
      const outputs = await query(plan);
      const each = lengths[plans.indexOf(plan)];
      return { outputs, enqueueMs: 1, uploadMs: 2, computeMs: each - 3, readBackMs: 1, clock: "gpu" };
    },
    release: () => {},
    close: () => {},
  };
  const subjects = plans.map((plan, i) => ({ name: ["fp32", "int8"][i], planOf: () => plan }));
  return { machine, subjects, clock, order };
}

test("measure: blocks take turns, the first model alternates, and both conditions hold at the end", async () => {
  const { machine, subjects, clock, order } = toyMachine([20, 10]);
  const { measured, deviceError } = await measure(machine, subjects, feeds, pace, clock);
  assert.equal(deviceError, undefined);
  assert.deepEqual(measured.map(({ blocks }) => blocks.length), [20, 20]);
  assert.deepEqual(measured.map(({ wallMs }) => wallMs), [1200, 1000]);
  assert.equal(order.slice(2, 2 + 1 + 2).join(""), "011", "warm-up of 20 ms each");
  assert.equal(order.slice(5, 5 + 3 + 5 + 5 + 3).join(""), "000" + "11111" + "11111" + "000");
});

test("measure: as many queries as requested, however long they take", async () => {
  const { machine, subjects, clock } = toyMachine([400, 5]);
  const { measured } = await measure(machine, subjects, feeds, { ...pace, iterations: 40 }, clock);
  assert.ok(measured.every(({ blocks }) => blocks.flat().length >= 40));
});

test("measure: latency is upload, compute and read-back, without enqueueing", async () => {
  const { machine, subjects, clock } = toyMachine([20, 10]);
  const { measured } = await measure(machine, subjects, feeds, pace, clock);
  const [float, int8] = measured.map((one) => resultOf(one, [50], 0));
  assert.deepEqual([float.latency.median, int8.latency.median], [20, 10]);
  assert.deepEqual([float.h2d.median, float.compute.median, float.d2h.median, float.enqueue.median], [
    2,
    17,
    1,
    1,
  ]);
  assert.deepEqual([float.throughputQps, int8.throughputQps], [50, 100]);
  assert.deepEqual([...float.latency.percentiles.keys()], [90, 95, 99, 50]);
  assert.deepEqual(speedupOf(measured[0], measured[1], 0), { median: 2, ci95: [2, 2], significant: true });
});

test("measure: a lost device keeps what was measured", async () => {
  const { machine, subjects, clock } = toyMachine([20, 10], 30);
  const { measured, deviceError } = await measure(machine, subjects, feeds, pace, clock);
  assert.match(deviceError!.message, /device was lost/);
  assert.equal(measured.reduce((sum, { blocks }) => sum + blocks.flat().length, 0), 30 - 5);
  assert.ok(measured.every(({ blocks }) => blocks.every((block) => block.length > 0)));
});

test("measure: a device lost before the first query is an error", async () => {
  const { machine, subjects, clock } = toyMachine([20, 10], 4);
  await assert.rejects(measure(machine, subjects, feeds, pace, clock), DeviceError);
});

test("measure: pauses count as elapsed time and not as latency", async () => {
  const { machine, subjects, clock } = toyMachine([20, 10]);
  const { measured } = await measure(machine, subjects, feeds, { ...pace, sleepMs: 5, idleMs: 5 }, clock);
  const [, int8] = measured.map((one) => resultOf(one, [], 0));
  assert.deepEqual([int8.latency.median, int8.throughputQps], [10, 50]);
});

test("multi: eight queries at once, all with the latency of the last", async () => {
  const { machine, subjects, clock } = toyMachine([20, 10]);
  const { measured } = await measure(machine, subjects, feeds, { ...pace, scenario: "multi" }, clock);
  const [float] = measured.map((one) => resultOf(one, [], 0));
  assert.deepEqual([float.latency.min, float.latency.max], [160, 160]);
  assert.equal(float.queries % 8, 0);
});

test("offline: the device is never idle", async () => {
  const { machine, subjects, clock } = toyMachine([20, 10]);
  const { measured } = await measure(machine, subjects, feeds, { ...pace, scenario: "offline" }, clock);
  const [float] = measured.map((one) => resultOf(one, [], 0));
  assert.equal(float.throughputQps, 50);
});

test("server: arrivals are the same for all models and in every run with the same seed", async () => {
  const blockLengths = async (seed: number) => {
    const { machine, subjects, clock } = toyMachine([4, 2]);
    const server: Pace = { ...pace, scenario: "server", targetQps: 100, seed };
    const { measured } = await measure(machine, subjects, feeds, server, clock);
    return measured.map(({ blocks }) => blocks.map((block) => block.length));
  };
  const [first, again, other] = [await blockLengths(1), await blockLengths(1), await blockLengths(2)];
  assert.deepEqual(first[0], first[1]);
  assert.deepEqual(again, first);
  assert.notDeepEqual(other, first);
});

test("resultOf: warns of host-bound, transfer-bound, varying and drifting runs, and of too few queries", () => {
  const query = (computeMs: number, enqueueMs = 0.1, h2dMs = 0.1) => {
    const latencyMs = computeMs + h2dMs;
    return { startMs: 0, endMs: latencyMs, enqueueMs, h2dMs, computeMs, d2hMs: 0, latencyMs };
  };
  const warningsOf = (queries: ReturnType<typeof query>[], clock: "gpu" | "host" = "gpu") =>
    resultOf(
      {
        name: "fp32",
        plan: emptyPlan(),
        planMs: 0,
        compileMs: 0,
        uploadMs: 0,
        firstMs: 0,
        warmUp: { queries: 0, ms: 0 },
        blocks: [queries],
        wallMs: 1,
        clock,
      },
      [90],
      0,
    ).warnings.map((warning) => warning.split(":")[0]);
  const steady = Array.from({ length: 12 }, () => query(1));
  assert.deepEqual(warningsOf(steady), []);
  assert.deepEqual(warningsOf(steady.map(() => query(1, 0.81))), ["host-bound"]);
  assert.deepEqual(warningsOf(steady.map(() => query(1, 0.1, 1))), ["transfer-bound"]);
  assert.deepEqual(warningsOf(steady.map(() => query(1, 0.81)), "host"), []);
  const rising = warningsOf(steady.map((_, i) => query(1 + i / 50)));
  assert.match(rising.join("; "), /varies by .* drift/);
  assert.match(
    warningsOf(steady.slice(0, 9)).join(),
    /9 queries are too few for percentile 90, expected at least 10/,
  );
});
