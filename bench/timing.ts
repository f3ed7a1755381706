// Times several jobs interleaved, so that other work on the machine affects all of them.
import { significant } from "../src/report/number.ts";
import { medianOf } from "../src/tensor/median.ts";

/** Seconds of each job by round, after one warm-up round; the first job alternates. */
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

/** `median (minimum to maximum)`. */
export function spreadText(values: readonly number[]): string {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return `${significant(medianOf(values), 3)} (${significant(low, 3)} to ${significant(high, 3)})`;
}
