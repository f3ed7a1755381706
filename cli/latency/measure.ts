// The measurement: the models take turns block by block, so that other load on the machine affects all of them alike.
// If the device is lost, what was measured is kept.
import { DeviceError } from "../../src/error.ts";
import type { Feeds, Machine, Profile } from "../../src/plan/machine.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { type Clock, type Query, runQueries, type Stream } from "./scenario.ts";
import type { Scenario } from "../options/bench.ts";

export type Subject = { readonly name: string; readonly planOf: (feeds: Feeds) => Plan };

export type Pace = {
  readonly warmUpMs: number;
  readonly durationMs: number;
  readonly iterations: number;
  readonly sleepMs: number;
  readonly idleMs: number;
  readonly scenario: Scenario;
  readonly targetQps?: number;
  readonly seed: number;
};

export type Measured = {
  readonly name: string;
  readonly plan: Plan;
  readonly planMs: number;
  readonly compileMs: number;
  readonly uploadMs: number;
  readonly firstMs: number;
  readonly warmUp: { queries: number; ms: number };
  readonly blocks: Query[][];
  /** The sum over its blocks, including waits. */
  wallMs: number;
  clock: Profile["clock"];
};

/** `deviceError` is set if the device failed; `measured` is what was measured before. */
export type Measurement = { readonly measured: readonly Measured[]; readonly deviceError?: DeviceError };

/** Blocks per model, about. */
const wantedBlocks = 20;
/** Arrival rate of the server scenario, as a share of the slowest model's throughput. */
const serverLoad = 0.8;

export async function measure(
  machine: Machine,
  subjects: readonly Subject[],
  feeds: Feeds,
  pace: Pace,
  clock: Clock,
  update: (done: number, total: number) => void = () => {},
): Promise<Measurement> {
  const measured: Measured[] = [];
  try {
    for (const subject of subjects) measured.push(await loadSubject(machine, subject, feeds, clock));
    for (const one of measured) await warmUp(machine, one, feeds, pace, clock);
    const slowest = Math.max(
      ...measured.map(({ warmUp, firstMs }) => warmUp.queries > 0 ? warmUp.ms / warmUp.queries : firstMs),
    );
    const targetQps = pace.targetQps ?? 1000 * serverLoad / slowest;
    const blockPace = { ...pace, targetQps, blockMs: pace.durationMs / wantedBlocks };
    for (let round = 0; !measured.every((one) => isEnough(one, pace)); round++) {
      for (const one of round % 2 === 0 ? measured : measured.toReversed()) {
        await runBlock(one, streamOf(machine, one, feeds, clock), blockPace, round);
      }
      const share = Math.min(1, ...measured.map(({ wallMs }) => wallMs / pace.durationMs));
      update(Math.floor(wantedBlocks * share), wantedBlocks);
    }
  } catch (error) {
    const kept = measured.filter(({ blocks }) => blocks.some((block) => block.length > 0));
    if (!(error instanceof DeviceError) || kept.length === 0) throw error;
    return { measured: kept, deviceError: error };
  }
  return { measured };
}

async function loadSubject(
  machine: Machine,
  { name, planOf }: Subject,
  feeds: Feeds,
  clock: Clock,
): Promise<Measured> {
  const started = clock.now();
  const plan = planOf(feeds);
  const planMs = clock.now() - started;
  const { compileMs, uploadMs } = await machine.load?.(plan) ?? { compileMs: 0, uploadMs: 0 };
  const before = clock.now();
  await machine.run(plan, feeds);
  const firstMs = clock.now() - before;
  const warmUp = { queries: 0, ms: 0 };
  return { name, plan, planMs, compileMs, uploadMs, firstMs, warmUp, blocks: [], wallMs: 0, clock: "host" };
}

async function warmUp(machine: Machine, one: Measured, feeds: Feeds, pace: Pace, clock: Clock) {
  const stream = streamOf(machine, one, feeds, clock);
  const started = clock.now();
  while (clock.now() - started < pace.warmUpMs) {
    await stream.launch();
    one.warmUp.queries++;
  }
  one.warmUp.ms = clock.now() - started;
}

/** As in trtexec: enough queries and enough time. */
function isEnough({ blocks, wallMs }: Measured, { iterations, durationMs }: Pace): boolean {
  return wallMs >= durationMs && blocks.reduce((sum, { length }) => sum + length, 0) >= iterations;
}

async function runBlock(
  one: Measured,
  stream: Stream,
  pace: Pace & { readonly targetQps: number; readonly blockMs: number },
  round: number,
) {
  const block: Query[] = [];
  one.blocks.push(block);
  const started = stream.clock.now();
  try {
    await runQueries(
      stream,
      { ...pace, minQueries: Math.ceil(pace.iterations / wantedBlocks), round },
      block,
    );
  } finally {
    one.wallMs += stream.clock.now() - started;
    if (block.length === 0) one.blocks.pop();
  }
}

/** Queries of one model on this machine. */
function streamOf(machine: Machine, one: Measured, feeds: Feeds, clock: Clock): Stream {
  return {
    clock,
    async launch() {
      const startMs = clock.now();
      if (!machine.profile) {
        await machine.run(one.plan, feeds);
        const computeMs = clock.now() - startMs;
        return {
          startMs,
          endMs: startMs + computeMs,
          enqueueMs: computeMs,
          h2dMs: 0,
          computeMs,
          d2hMs: 0,
          latencyMs: computeMs,
        };
      }
      const { outputs: _, ...times } = await machine.profile(one.plan, feeds);
      one.clock = times.clock;
      const { enqueueMs, uploadMs: h2dMs, computeMs, readBackMs: d2hMs } = times;
      return {
        startMs,
        endMs: clock.now(),
        enqueueMs,
        h2dMs,
        computeMs,
        d2hMs,
        latencyMs: h2dMs + computeMs + d2hMs,
      };
    },
  };
}
