// The tuner with fake trials of given durations on a fake clock.
import assert from "node:assert/strict";
import test from "node:test";
import type { Choices, ChoiceTable } from "../../src/device/choices.ts";
import type { OpenTrial } from "../../src/device/trial.ts";
import { tunerFor, withVariants } from "../../src/device/tuner.ts";
import { DeviceError } from "../../src/error.ts";
import {
  call,
  type Kernel,
  kernel,
  type MatrixShape,
  type Numbers,
  type Steps,
} from "../../src/kernels/kernel.ts";
import type { Plan } from "../../src/plan/plan.ts";

const declared: Omit<Kernel, "stem"> = { writes: ["y"], grid: (n) => [1, n.rows ?? 1], reference: () => {} };
const [second, third] = ["second", "third"].map((stem) => kernel(stem, declared));
const pair: Steps = {
  stem: "pair",
  kernels: [second, third],
  scratchWords: ({ size }) => size * 10,
  calls: ({ buffers, numbers }, scratch) => [
    call(second, { ...buffers, y: scratch }, numbers),
    call(third, { x: scratch, y: buffers.y }, numbers),
  ],
};

/** Small and large calls are two buckets; the bucket's size is the sample's work. */
function kernelWith(others: (numbers: Numbers, speed: number) => readonly (Kernel | Steps)[]): Kernel {
  return kernel("first", {
    ...declared,
    variants: {
      others,
      bucket: ({ size }) => size < 100 ? "small" : "large",
      work: ({ size }) => size,
      sample: ({ size }) => ({ numbers: { size: size < 100 ? 10 : 1000 }, buffers: {} }),
    },
  });
}

function planOf(kernel: Kernel, ...sizes: number[]): Plan {
  const calls = sizes.map((size) => call(kernel, { x: "x", y: "y" }, { size }));
  return { once: [], calls, buffers: new Map(), inputs: [], outputs: [], arenaBytes: 0 };
}

/** Milliseconds of a run by stem and the size of the sample; an error means that the kernel does not compile. */
type Times = Readonly<Record<string, (size: number) => number | Error>>;

function bench(
  times: Times,
  before: ChoiceTable = {},
  hash = () => "texts",
  matrices: readonly MatrixShape[] = [],
) {
  const log: string[] = [];
  const added: ChoiceTable[] = [];
  let [clock, busy, met] = [0, 0, 0];
  const open: OpenTrial = (_, { stem }, { numbers: { size } }) => {
    log.push(`open ${stem} ${size}`);
    const ms = times[stem](size);
    if (ms instanceof Error) return Promise.reject(ms);
    const milliseconds = async (repeats: number) => {
      log.push(`run ${stem} ${size}`);
      busy++;
      await new Promise((resolve) => setImmediate(resolve));
      if (--busy > 0) met++;
      clock += ms * repeats;
      return ms * repeats;
    };
    return Promise.resolve({ milliseconds, free: () => log.push(`free ${stem} ${size}`) });
  };
  const choices: Choices = {
    read: () => Promise.resolve(before),
    add: (found) => Promise.resolve(void added.push(found)),
  };
  const tune = tunerFor({ open, choices, now: () => clock, hash, matrices });
  const count = (start: string) => log.filter((line) => line.startsWith(start)).length;
  return { tune, added, count, log, met: () => met };
}

function stemsOf({ calls }: Plan): string[] {
  return calls.map(({ kernel }) => kernel.stem);
}

test("tuner: every bucket gets its own fastest variant, which is stored", async () => {
  const first = kernelWith(() => [second, third]);
  const { tune, added, count } = bench({
    first: () => 1,
    second: (size) => size < 100 ? 0.5 : 2,
    third: (size) => size < 100 ? 3 : 0.25,
  });
  assert.deepEqual(stemsOf(await tune(planOf(first, 10, 1000, 20))), ["second", "third", "second"]);
  assert.deepEqual(added, [{
    first: {
      small: { shaders: "texts", chosen: "second" },
      large: { shaders: "texts", chosen: "third" },
    },
  }]);
  const opened = count("open");
  assert.equal(count("free"), opened);
  assert.deepEqual(stemsOf(await tune(planOf(first, 30))), ["second"]);
  assert.equal(count("open"), opened);
});

test("tuner: a variant for matrix units, alone or in steps, is tried only if the device has units of its shape", async () => {
  const matrixShape = { m: 16, n: 16, k: 32 };
  const [whole, part] = [{ ...third, matrixShape }, {
    ...pair,
    kernels: [second, { ...third, matrixShape }],
  }];
  const first = kernelWith(() => [whole, part]);
  const stemsWith = async (matrices: readonly MatrixShape[]) => {
    const times = { first: () => 1, third: () => 0.5, pair: () => 0.75 };
    const { tune, log } = bench(times, {}, undefined, matrices);
    const stems = stemsOf(await tune(planOf(first, 10)));
    return [stems[0], ["third", "pair"].filter((stem) => log.includes(`open ${stem} 10`)).join()];
  };
  assert.deepEqual(await stemsWith([]), ["first", ""]);
  assert.deepEqual(await stemsWith([{ m: 16, n: 16, k: 16 }, { m: 8, n: 16, k: 32 }]), ["first", ""]);
  assert.deepEqual(await stemsWith([{ m: 8, n: 16, k: 32 }, matrixShape]), ["third", "third,pair"]);
});

test("tuner: a plan without variants is returned unchanged", async () => {
  const { tune, log } = bench({});
  const plan = planOf(kernel("plain", declared), 1);
  assert.equal(await tune(plan), plan);
  assert.deepEqual(log, []);
});

test("tuner: stored choices are not measured again", async () => {
  const known = { first: { small: { shaders: "texts", chosen: "second" } } };
  const { tune, log, added } = bench({ first: () => 1, second: () => 9 }, known);
  assert.deepEqual(stemsOf(await tune(planOf(kernelWith(() => [second]), 10))), ["second"]);
  assert.deepEqual([log, added], [[], []]);
});

test("tuner: a stored choice between other shaders is measured again", async () => {
  const known = { first: { small: { shaders: "older texts", chosen: "second" } } };
  const { tune, added } = bench({ first: () => 1, second: () => 9 }, known);
  assert.deepEqual(stemsOf(await tune(planOf(kernelWith(() => [second]), 10))), ["first"]);
  assert.deepEqual(added, [{ first: { small: { shaders: "texts", chosen: "first" } } }]);
});

test("tuner: a stored choice that is no variant any more means the kernel itself", async () => {
  const known = { first: { small: { shaders: "texts", chosen: "gone" } } };
  const { tune } = bench({}, known);
  assert.deepEqual(stemsOf(await tune(planOf(kernelWith(() => [second]), 10))), ["first"]);
});

test("tuner: a variant that the device cannot run is skipped", async () => {
  const { tune } = bench({ first: () => 1, second: () => new DeviceError("too big"), third: () => 0.5 });
  assert.deepEqual(stemsOf(await tune(planOf(kernelWith(() => [second, third]), 10))), ["third"]);
});

test("tuner: if the sample does not run, the kernel stays and nothing is stored", async () => {
  const { tune, added } = bench({ first: () => new DeviceError("no room"), second: () => 1 });
  assert.deepEqual(stemsOf(await tune(planOf(kernelWith(() => [second]), 10))), ["first"]);
  assert.deepEqual(added, []);
});

test("tuner: other errors are thrown, and the next plan is tuned nevertheless", async () => {
  const { tune } = bench({ first: () => 1, second: (size) => size < 100 ? new Error("Invariant") : 0.5 });
  const first = kernelWith(() => [second]);
  await assert.rejects(tune(planOf(first, 10)), /Invariant/);
  assert.deepEqual(stemsOf(await tune(planOf(first, 1000))), ["second"]);
});

test("tuner: 3 % is noise", async () => {
  const { tune } = bench({ first: () => 1, second: () => 0.97 });
  assert.deepEqual(stemsOf(await tune(planOf(kernelWith(() => [second]), 10))), ["first"]);
});

test("tuner: a variant that is far slower is timed once", async () => {
  const { tune, count } = bench({ first: () => 1, second: () => 2, third: () => 1.2 });
  await tune(planOf(kernelWith(() => [second, third]), 10));
  assert.equal(count("run second"), 2, "compiling, one round");
  assert.equal(count("run third"), 5, "compiling, four rounds");
});

test("tuner: variants get the kernel's speed in work per millisecond", async () => {
  const speeds: number[] = [];
  const { tune, count } = bench({ first: () => 4 });
  const first = kernelWith((_, speed) => {
    speeds.push(speed);
    return speed < 5 ? [] : [second];
  });
  assert.deepEqual(stemsOf(await tune(planOf(first, 10))), ["first"]);
  assert.ok(speeds.includes(10 / 4));
  assert.equal(count("open second"), 0);
});

test("tuner: once the allowance is spent, further buckets take the choice of the one with most work", async () => {
  const { tune, added } = bench({ first: () => 100, second: () => 50 });
  const plan = planOf(kernelWith(() => [second]), 10, 1000);
  assert.deepEqual(stemsOf(await tune(plan)), ["second", "second"]);
  assert.deepEqual(added.map(({ first }) => Object.keys(first)), [["large"]]);
});

test("tuner: two plans at once are measured one after the other", async () => {
  const { tune, met } = bench({ first: () => 1, second: () => 0.5 });
  const first = kernelWith(() => [second]);
  await Promise.all([tune(planOf(first, 10)), tune(planOf(first, 1000))]);
  assert.equal(met(), 0);
});

test("tuner: a variant in steps gets a scratch buffer for the largest of its calls", async () => {
  const { tune } = bench({ first: () => 1, pair: () => 0.5 });
  const { calls, buffers } = await tune(planOf(kernelWith(() => [pair]), 10, 20));
  assert.deepEqual(calls.map(({ kernel, buffers }) => [kernel.stem, buffers.x, buffers.y]), [
    ["second", "x", "scratch of variants"],
    ["third", "scratch of variants", "y"],
    ["second", "x", "scratch of variants"],
    ["third", "scratch of variants", "y"],
  ]);
  assert.deepEqual([...buffers], [["scratch of variants", { words: 200, type: "f32", home: "resident" }]]);
});

test("tuner: a variant whose grid the device cannot dispatch is not used", async () => {
  const { tune } = bench({ first: () => 1, second: () => 0.5 });
  const plan = planOf(kernelWith(() => [second]), 10);
  const calls = plan.calls.map((one) => ({ ...one, numbers: { ...one.numbers, rows: 65536 } }));
  assert.deepEqual(stemsOf(await tune({ ...plan, calls })), ["first"]);
});

test("withVariants: the kernel stays if the scratch buffer of steps cannot be bound", () => {
  const first = kernelWith(() => [pair]);
  const limits = { bindingBytes: 16_000, bufferBytes: 2 ** 20 };
  const plan = withVariants(planOf(first, 10, 1000), () => "pair", limits);
  assert.deepEqual(stemsOf(plan), ["second", "third", "first"]);
  assert.deepEqual([...plan.buffers.values()].map(({ words }) => words), [100]);
});
