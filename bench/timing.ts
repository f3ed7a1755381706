// Times of several pieces of work, interleaved, so that whatever else a machine does hits all of them.
import { significant } from "../src/report/number.ts";

/** Seconds of each work by round, after one round of warm-up; who begins alternates. */
export async function timeInterleaved(
  rounds: number,
  works: readonly (() => Promise<void>)[],
  update: (done: number, total: number) => void = () => {},
): Promise<number[][]> {
  const seconds: number[][] = works.map(() => []);
  for (let round = 0; round <= rounds; round++) {
    const order = [...works.keys()];
    if (round % 2 === 1) order.reverse();
    for (const which of order) {
      const started = performance.now();
      await works[which]();
      if (round > 0) seconds[which].push((performance.now() - started) / 1000);
    }
    update(round, rounds);
  }
  return seconds;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** `median (minimum to maximum)`. */
export function spreadText(values: readonly number[]): string {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return `${significant(median(values), 3)} (${significant(low, 3)} to ${significant(high, 3)})`;
}
