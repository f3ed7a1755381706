// How queries arrive, after MLPerf's LoadGen: one after another, eight at once, as many as the device takes, or at
// random times like requests of users.
import { seedOf, uniform } from "../../src/tensor/seeded.ts";
import type { Scenario } from "../options/bench.ts";

export type Clock = { readonly now: () => number; readonly wait: (ms: number) => Promise<void> };

/** The times of one query. Alone on the device, latency is h2d + compute + d2h; otherwise from arrival to outputs. */
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
  readonly minQueries: number;
  readonly sleepMs: number;
  readonly idleMs: number;
  readonly targetQps: number;
  readonly seed: number;
  readonly round: number;
};

/** Samples per multi-stream query in LoadGen. */
const together = 8;
/** One computes, one waits, one is read back. */
const inFlight = 3;

/** Runs queries for about `blockMs`. Finished queries are appended to `block` even if a later one fails. */
export async function runQueries(stream: Stream, pace: BlockPace, block: Query[]): Promise<void> {
  const started = stream.clock.now();
  const needsMore = () => block.length < pace.minQueries || stream.clock.now() - started < pace.blockMs;
  if (pace.scenario === "server") return await runServer(stream, pace, block);
  if (pace.scenario === "offline") return await runOffline(stream, needsMore, block);
  do {
    if (pace.sleepMs > 0) await stream.clock.wait(pace.sleepMs);
    if (pace.scenario === "single") block.push(await stream.launch());
    else block.push(...await launchTogether(stream));
    if (pace.idleMs > 0) await stream.clock.wait(pace.idleMs);
  } while (needsMore());
}

/** The queries finish together, so all have the latency of the last one. */
async function launchTogether({ clock, launch }: Stream): Promise<Query[]> {
  const started = clock.now();
  const queries = await Promise.all(Array.from({ length: together }, () => launch()));
  const latencyMs = clock.now() - started;
  return queries.map((query) => ({ ...query, latencyMs }));
}

async function runOffline({ launch }: Stream, needsMore: () => boolean, block: Query[]): Promise<void> {
  const lane = async () => {
    do {
      const query = await launch();
      block.push({ ...query, latencyMs: query.endMs - query.startMs });
    } while (needsMore());
  };
  await waitForAll(Array.from({ length: inFlight }, lane));
}

/** Poisson arrivals: the same exponential pauses for all models, and in every run with the same seed. */
async function runServer({ clock, launch }: Stream, pace: BlockPace, block: Query[]): Promise<void> {
  const next = uniform(seedOf(pace.seed, pace.round));
  const started = clock.now();
  const running: Promise<void>[] = [];
  let failed = false;
  for (let at = 0; !failed && (running.length < pace.minQueries || at < pace.blockMs);) {
    at += -Math.log(1 - next()) * 1000 / pace.targetQps;
    const due = started + at;
    if (due > clock.now()) await clock.wait(due - clock.now());
    const finished = launch().then((query) => void block.push({ ...query, latencyMs: query.endMs - due }));
    finished.catch(() => failed = true);
    running.push(finished);
  }
  await waitForAll(running);
}

/** Waits for all, so that no result is lost, then throws the first failure. */
async function waitForAll(running: readonly Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(running);
  const failure = results.find((result) => result.status === "rejected");
  if (failure) throw failure.reason;
}
