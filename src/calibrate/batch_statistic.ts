// Reduces one range per batch to one range (Vitis AI's calib_statistic_method, ONNX Runtime's moving average).
import { medianOf } from "../tensor/median.ts";
import { encode, type Range, type Scheme } from "../quantize/encoding.ts";

export const batchStatistics = ["modal", "max", "mean", "median", "moving_average"] as const;
export type BatchStatistic = (typeof batchStatistics)[number];

/** ONNX Runtime's CalibMovingAverageConstant. */
const newShare = 0.01;

/** @throws RangeError without a range. */
export function reduceRanges(ranges: readonly Range[], statistic: BatchStatistic, scheme: Scheme): Range {
  if (ranges.length === 0) throw new RangeError("Cannot reduce the ranges of batches: there are none");
  if (statistic === "modal") return modal(ranges, scheme);
  const [lows, highs] = [ranges.map(({ low }) => low), ranges.map(({ high }) => high)];
  if (statistic === "max") return { low: Math.min(...lows), high: Math.max(...highs) };
  const reduce = { mean, median: medianOf, moving_average: movingAverage }[statistic];
  return { low: reduce(lows), high: reduce(highs) };
}

/**
 * The range of the most frequent scale; among several the smallest fix position or, for float scales, the smallest
 * scale, as SciPy's mode.
 */
function modal(ranges: readonly Range[], scheme: Scheme): Range {
  const keyOf = (range: Range) => encode(range, scheme).scale * (scheme.powerOfTwo ? -1 : 1);
  const found = new Map<number, { count: number; range: Range }>();
  for (const range of ranges) {
    const key = keyOf(range);
    const known = found.get(key);
    if (known) known.count++;
    else found.set(key, { count: 1, range });
  }
  const order = [...found].sort(([a, { count: n }], [b, { count: m }]) => m - n || a - b);
  return order[0][1].range;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function movingAverage(values: readonly number[]): number {
  return values.slice(1).reduce((average, value) => average + newShare * (value - average), values[0]);
}
