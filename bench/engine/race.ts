// Times several functions against each other: interleaved rounds of blocks, as many as fit into a budget.
import { medianOf } from "../../src/tensor/median.ts";

export type Work = () => Promise<unknown>;

/** Rounds stop at `rounds`, or once `seconds` are over, but not before `leastRounds`. */
export type Pace = { readonly rounds: number; readonly seconds: number };

export const leastRounds = 3;
/** Anything shorter than this runs several times per round, to reduce the effect of a hiccup. */
const blockSeconds = 0.2;
const mostRuns = 50;

/**
 * Seconds of one run of each function, by round. Each must have run before, so that nothing compiles; one more run of
 * each determines how many make a block. The order alternates.
 */
export async function race(
  works: readonly Work[],
  { rounds, seconds }: Pace,
  now: () => number = () => performance.now(),
): Promise<number[][]> {
  const started = now();
  const runs: number[] = [];
  for (const work of works) {
    const once = await secondsOf(work, 1, now);
    runs.push(Math.min(mostRuns, Math.max(1, Math.round(blockSeconds / once))));
  }
  const results: number[][] = works.map(() => []);
  for (let round = 0; round < rounds; round++) {
    if (round >= leastRounds && now() - started > 1000 * seconds) break;
    const order = [...works.keys()];
    if (round % 2 === 1) order.reverse();
    for (const which of order) results[which].push(await secondsOf(works[which], runs[which], now));
  }
  return results;
}

/** The index of the fastest, by the better of two runs each. */
export async function fastest(works: readonly Work[]): Promise<number> {
  const times: number[] = works.map(() => Infinity);
  for (const order of [[...works.keys()], [...works.keys()].reverse()]) {
    for (const which of order) {
      times[which] = Math.min(times[which], await secondsOf(works[which], 1, () => performance.now()));
    }
  }
  return times.indexOf(Math.min(...times));
}

async function secondsOf(work: Work, runs: number, now: () => number): Promise<number> {
  const started = now();
  for (let run = 0; run < runs; run++) await work();
  return (now() - started) / 1000 / runs;
}

/** How many times as long `slow` takes: of the medians, and by round. */
export function speedup(
  fast: readonly number[],
  slow: readonly number[],
): { ratio: number; byRound: number[] } {
  return { ratio: medianOf(slow) / medianOf(fast), byRound: slow.map((seconds, i) => seconds / fast[i]) };
}

export function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}
