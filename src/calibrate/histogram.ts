// A histogram that merges exactly: bins of width 2^exponent aligned at zero, at most 2,048 of them over
// [min(low, 0), max(high, 0)]. Widening by a power of two merges whole bins and counts are integers, so
// merging in any order and grouping gives exactly the histogram of all values together (below 2^53 values).
import { binCount } from "../kernels/histogram.ts";
import { flushSubnormal } from "../kernels/range.ts";
import { minMaxOf } from "./statistics.ts";

/** Words as the device counts them, doubles for sums over batches. */
export type Counts = Float64Array | Uint32Array;

export type Histogram = {
  /** Bins are 2^exponent wide. */
  readonly exponent: number;
  /** Index of the first bin: bin k covers [k·2^exponent, (k + 1)·2^exponent). */
  readonly first: number;
  readonly counts: Counts;
  /** The smallest and largest finite value; Infinity and −Infinity when there is none. */
  readonly low: number;
  readonly high: number;
  /** Finite values: the sum of counts. */
  readonly total: number;
  /** How many values are NaN or infinite; they are in no bin. */
  readonly nonFinite: number;
};

export type Binning = { readonly exponent: number; readonly first: number; readonly count: number };

/** One batch: its range and the counts of the bins of `binning(low, high)`, followed by zeros. */
export type BatchCounts = {
  readonly low: number;
  readonly high: number;
  readonly counts: Counts;
  readonly nonFinite?: number;
};

/** The most bins, and the finest bin: 2^−120 keeps 2^−exponent a normal float32. */
export const histogramBins = binCount;
export const smallestExponent = -120;

/**
 * The bins of a range: the smallest exponent e ≥ −120 with floor(hi·2^−e) − floor(lo·2^−e) + 1 ≤ bins, where
 * lo = min(low, 0) and hi = max(high, 0). Found from e = E − ceil(log2(bins)), where E is the exponent
 * of max(−lo, hi), by trying e, e + 1, e + 2: the first is at most the answer (with bins = 2048 it never
 * fits: 2,049 bins at least) and the third always fits. Every step is exact in float32 for normal float32
 * ends: E is read from the exponent bits, 2^−e is the float with bits (127 − e) << 23, multiplying by it is
 * exact or underflows. Two traps for a shader: a value whose exponent bits are 0 counts as zero (`flushSubnormal`),
 * and a tiny negative one must fall into bin −1 though the product underflows:
 * k = floor(x·2^−e); if (x < 0) k = min(k, −1).
 */
export function binning(low: number, high: number, bins = histogramBins): Binning {
  const lo = flushSubnormal(Math.min(low, 0));
  const hi = flushSubnormal(Math.max(high, 0));
  if (!Number.isFinite(lo) || !Number.isFinite(hi) || !(bins >= 2)) {
    throw new RangeError(
      `Cannot choose ${bins} bins for ${low}..${high}: expected finite ends and at least 2 bins`,
    );
  }
  const largest = Math.max(-lo, hi);
  let exponent = smallestExponent;
  if (largest > 0) exponent = Math.max(exponent, exponentOf(largest) - Math.ceil(Math.log2(bins)));
  for (;; exponent++) {
    const first = binOf(lo, exponent);
    const count = binOf(hi, exponent) - first + 1;
    if (count <= bins) return { exponent, first, count };
  }
}

/** The bin of a value: floor(x·2^−exponent), exact in double. */
export function binOf(x: number, exponent: number): number {
  return Math.floor(flushSubnormal(x) * 2 ** -exponent) + 0;
}

/** The histogram of no values; the neutral element of `merge`. */
export const empty: Histogram = {
  exponent: smallestExponent,
  first: 0,
  counts: new Float64Array(1),
  low: Infinity,
  high: -Infinity,
  total: 0,
  nonFinite: 0,
};

/** The histogram of all values of both. Exactly commutative and associative. */
export function merge(a: Histogram, b: Histogram): Histogram {
  const { exponent, first, count } = binningOfBoth(a, b);
  const counts = new Float64Array(count);
  for (const part of [a, b]) addCounts(counts, { exponent, first }, part);
  return { exponent, first, counts, ...totals(a, b) };
}

/** merge(a, b) that may overwrite a: if its bins stay, its counts are reused, so that many batches leave no garbage. */
export function mergeInto(a: Histogram, b: Histogram): Histogram {
  const { exponent, first, count } = binningOfBoth(a, b);
  const stays = exponent === a.exponent && first === a.first && count === a.counts.length;
  if (!stays || !(a.counts instanceof Float64Array)) return merge(a, b);
  addCounts(a.counts, a, b);
  return { exponent, first, counts: a.counts, ...totals(a, b) };
}

function binningOfBoth(a: Histogram, b: Histogram): Binning {
  return binning(Math.min(a.low, b.low), Math.max(a.high, b.high));
}

function totals(a: Histogram, b: Histogram) {
  return {
    low: Math.min(a.low, b.low),
    high: Math.max(a.high, b.high),
    total: a.total + b.total,
    nonFinite: a.nonFinite + b.nonFinite,
  };
}

function addCounts(into: Float64Array, { exponent, first }: Omit<Binning, "count">, part: Histogram) {
  // An arithmetic shift is the floor of a division by a power of two; indices lie within ±2,048.
  const shift = Math.min(exponent - part.exponent, 31);
  for (let k = 0; k < part.counts.length; k++) {
    if (part.counts[k]) into[((part.first + k) >> shift) - first] += part.counts[k];
  }
}

/** The histogram of one batch, which keeps `counts`; `low..high` may be wider than the batch's range. */
export function histogramFrom(batch: BatchCounts): Histogram {
  const [low, high] = [flushSubnormal(batch.low), flushSubnormal(batch.high)];
  const { exponent, first, count } = binning(low, high);
  let total = 0;
  for (let k = 0; k < batch.counts.length; k++) {
    const values = batch.counts[k];
    if (values && k >= count) {
      throw new RangeError(
        `Cannot make a histogram: bin ${k} holds ${values} values, expected ${count} bins`,
      );
    }
    total += values;
  }
  const counts = batch.counts.subarray(0, count);
  return { exponent, first, counts, low, high, total, nonFinite: batch.nonFinite ?? 0 };
}

/** The same values in at most `bins` bins. */
export function coarsen(histogram: Histogram, bins: number): Histogram {
  if (!Number.isInteger(bins) || bins < 2 || bins > histogramBins) {
    throw new RangeError(`Cannot count in ${bins} bins: expected 2 to ${histogramBins}`);
  }
  if (histogram.total === 0) return histogram;
  const { exponent, first, count } = binning(histogram.low, histogram.high, bins);
  const counts = new Float64Array(count);
  const shift = Math.min(exponent - histogram.exponent, 31);
  if (shift <= 0) return histogram;
  histogram.counts.forEach((values, k) => counts[((histogram.first + k) >> shift) - first] += values);
  return { ...histogram, exponent, first, counts };
}

/** The definition, on the host, of what the histogram shader counts. */
export function histogramOf(values: Float32Array): Histogram {
  const { low, high, nonFinite } = minMaxOf(values);
  const { exponent, first, count } = binning(low, high);
  const counts = new Float64Array(count);
  for (const x of values) if (Number.isFinite(x)) counts[binOf(x, exponent) - first]++;
  return { exponent, first, counts, low, high, total: values.length - nonFinite, nonFinite };
}

/**
 * The histogram of |x| that NVIDIA's calibrators work on: entry k counts |x| in [k·w, (k + 1)·w),
 * w = 2^exponent. Bins k and −1 − k are added, so a negative value on an edge is counted one bin below.
 */
export function magnitudes({ first, counts }: Histogram): Float64Array {
  const folded = new Float64Array(Math.max(first + counts.length, -first));
  for (let i = 0; i < counts.length; i++) {
    const k = first + i;
    folded[k < 0 ? -1 - k : k] += counts[i];
  }
  return folded;
}

const view = new DataView(new ArrayBuffer(8));
/** E with 2^E ≤ x < 2^(E + 1), from the bits of a normal double. */
function exponentOf(x: number): number {
  view.setFloat64(0, x);
  return (view.getUint16(0) >>> 4) - 1023;
}
