// Statistics of repeated times: trtexec's definitions of percentiles and variation
// (samples/common/sampleReporting.cpp), a bootstrap interval of a ratio of medians (Efron 1979, the percentile method),
// and drift.
import { medianOf } from "../tensor/median.ts";

/** Percentiles by their percent: `90`, `99.9`. */
export type Distribution = {
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly median: number;
  readonly percentiles: ReadonlyMap<number, number>;
  /** Standard deviation over the mean, in percent. */
  readonly variationPercent: number;
};

export type Ratio = {
  readonly median: number;
  /** The interval that holds 95 of 100 bootstrap ratios. */
  readonly ci95: readonly [number, number];
  /** False if the interval includes 1. */
  readonly significant: boolean;
};

const resamples = 2000;

/** `values` must not be empty. */
export function distributionOf(values: readonly number[], percents: readonly number[] = []): Distribution {
  const sorted = ascending(values);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return {
    min: sorted[0],
    max: sorted[sorted.length - 1],
    mean,
    median: medianOf(sorted),
    percentiles: new Map(percents.map((percent) => [percent, percentileOf(sorted, percent)])),
    variationPercent: mean === 0 ? 0 : (100 * Math.sqrt(variance)) / mean,
  };
}

/** As trtexec defines it: of n ascending values, the one at n − 1 − ⌊(1 − p/100) · n⌋. */
export function percentileOf(sorted: readonly number[], percent: number): number {
  const count = sorted.length;
  // Tenths of a percent are not exact in binary: 0.001 · 1000 must not become 0.999….
  const excluded = Math.floor(((100 - percent) * count) / 100 + 1e-9);
  return sorted[Math.max(count - 1 - excluded, 0)];
}

/** Measurements by block, in the order in which they were taken. */
export type Blocks = readonly (readonly number[])[];

/**
 * The median of `slow` over that of `fast`. Whole blocks are resampled, because values within one are alike; blocks of
 * the same index ran side by side, so they are drawn together and common disturbances cancel. `next` gives uniform
 * numbers in [0, 1).
 */
export function ratioOf(slow: Blocks, fast: Blocks, next: () => number): Ratio {
  const count = Math.min(slow.length, fast.length);
  const [above, below] = [slow, fast].map((blocks) => poolBlocks(blocks.slice(0, count)));
  const ratios = bootstrap(count, next, (times) => medianOfPool(above, times) / medianOfPool(below, times));
  const ci95 = [percentileOf(ratios, 2.5), percentileOf(ratios, 97.5)] as const;
  const median = medianOf(slow.flat()) / medianOf(fast.flat());
  // A single block does not show how blocks differ.
  return { median, ci95, significant: count > 1 && (ci95[0] > 1 || ci95[1] < 1) };
}

/** The interval that holds the median in 95 of 100 resamplings of the blocks. */
export function medianInterval(blocks: Blocks, next: () => number): readonly [number, number] {
  const pool = poolBlocks(blocks);
  const medians = bootstrap(blocks.length, next, (times) => medianOfPool(pool, times));
  return [percentileOf(medians, 2.5), percentileOf(medians, 97.5)];
}

type Pool = {
  readonly values: readonly number[];
  readonly blocks: readonly number[];
  readonly lengths: number[];
};

/** All values in ascending order with their blocks, sorted once for all resamplings. */
function poolBlocks(blocks: Blocks): Pool {
  const all = blocks.flatMap((block, i) => block.map((value) => [value, i] as const)).sort(([a], [b]) =>
    a - b
  );
  return {
    values: all.map(([value]) => value),
    blocks: all.map(([, block]) => block),
    lengths: blocks.map(({ length }) => length),
  };
}

/** The lower median of the pool with each block repeated `times` times. */
function medianOfPool({ values, blocks, lengths }: Pool, times: readonly number[]): number {
  const half = lengths.reduce((sum, length, i) => sum + length * times[i], 0) / 2;
  let seen = 0;
  for (let i = 0; i < values.length; i++) {
    seen += times[blocks[i]];
    if (seen >= half && times[blocks[i]] > 0) return values[i];
  }
  return NaN;
}

/** `of` receives how often each block was drawn. */
function bootstrap(count: number, next: () => number, of: (times: readonly number[]) => number): number[] {
  const times = new Array<number>(count);
  return ascending(Array.from({ length: resamples }, () => {
    times.fill(0);
    for (let i = 0; i < count; i++) times[Math.floor(next() * count)]++;
    return of(times);
  }));
}

/** How much slower the last third is than the first, in percent of the median; 0 for fewer than six values. */
export function driftPercent(values: readonly number[]): number {
  if (values.length < 6) return 0;
  const third = Math.floor(values.length / 3);
  const change = medianOf(values.slice(-third)) - medianOf(values.slice(0, third));
  return (100 * change) / medianOf(values);
}

function ascending(values: readonly number[]): number[] {
  return [...values].sort((a, b) => a - b);
}
