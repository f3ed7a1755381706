// How queries arrive, after MLPerf's LoadGen: one after another, eight together, as many as the device takes, or at
// random moments like those of users.
import { seedOf, uniform } from "../../src/tensor/seeded.ts";
import type { Scenario } from "../options/bench.ts";

export type Clock = { readonly now: () => number; readonly wait: (ms: number) => Promise<void> };

/** One query's times. Alone on the device, latency is h2d + compute + d2h; in company, from arrival to answer. */
export type Query = {
  readonly startMs: number;
  readonly endMs: number;
  readonly enqueueMs: number;
  readonly h2dMs: number;
  readonly computeMs: number;
  readonly d2hMs: number;
  readonly latencyMs: number;
};

export type Stream = { readonly clock: Clock; readonly launch: () => Promise<Query> };

export type BlockPace = {
  readonly scenario: Scenario;
  readonly blockMs: number;
  /** Queries at least. */
  readonly least: number;
  readonly sleepMs: number;
  readonly idleMs: number;
  readonly targetQps: number;
  readonly seed: number;
  readonly round: number;
};

/** LoadGen's samples of a multi-stream query. */
const together = 8;
/** One computes, one waits for it, one comes back. */
const inFlight = 3;

/** Runs queries for about `blockMs` and appends each that came back, even when a later one fails. */
export async function queryBlock(stream: Stream, pace: BlockPace, block: Query[]): Promise<void> {
  const started = stream.clock.now();
  const goesOn = () => block.length < pace.least || stream.clock.now() - started < pace.blockMs;
  if (pace.scenario === "server") return await arrivals(stream, pace, block);
  if (pace.scenario === "offline") return await saturated(stream, goesOn, block);
  do {
    if (pace.sleepMs > 0) await stream.clock.wait(pace.sleepMs);
    if (pace.scenario === "single") block.push(await stream.launch());
    else block.push(...await eightOf(stream));
    if (pace.idleMs > 0) await stream.clock.wait(pace.idleMs);
  } while (goesOn());
}

/** Each of the eight is answered when all are. */
async function eightOf({ clock, launch }: Stream): Promise<Query[]> {
  const started = clock.now();
  const queries = await Promise.all(Array.from({ length: together }, () => launch()));
  const latencyMs = clock.now() - started;
  return queries.map((query) => ({ ...query, latencyMs }));
}

async function saturated({ launch }: Stream, goesOn: () => boolean, block: Query[]): Promise<void> {
  const lane = async () => {
    do {
      const query = await launch();
      block.push({ ...query, latencyMs: query.endMs - query.startMs });
    } while (goesOn());
  };
  await settled(Array.from({ length: inFlight }, lane));
}

/** Poisson arrivals: exponential pauses, the same in every run with the same seed, and the same for all models. */
async function arrivals({ clock, launch }: Stream, pace: BlockPace, block: Query[]): Promise<void> {
  const next = uniform(seedOf(pace.seed, pace.round));
  const started = clock.now();
  const running: Promise<void>[] = [];
  let failed = false;
  for (let at = 0; !failed && (running.length < pace.least || at < pace.blockMs);) {
    at += -Math.log(1 - next()) * 1000 / pace.targetQps;
    const due = started + at;
    if (due > clock.now()) await clock.wait(due - clock.now());
    const answered = launch().then((query) => void block.push({ ...query, latencyMs: query.endMs - due }));
    answered.catch(() => failed = true);
    running.push(answered);
  }
  await settled(running);
}

/** Waits for all, so that none is lost, then throws what the first failure threw. */
async function settled(running: readonly Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(running);
  const failure = results.find((result) => result.status === "rejected");
  if (failure) throw failure.reason;
}
