// percentile: clip the outermost share of the values.
// Symmetric (NVIDIA pytorch-quantization, 99.99): amax = left edge of the first bin of |x| at which the
// cumulative share reaches p/100. Asymmetric (ONNX Runtime PercentileCalibrater): the same on the signed
// histogram with (100 − p)/200 cut from each end. Two departures: p = 100 clips nothing, and the bin [0, w)
// is never cut off, since a bound of 0 would quantize every positive value to 0 where nearly all values are
// that small.
import type { Range, Scheme } from "../quantize/encoding.ts";
import { clipRange, type SolveParameters } from "./clip.ts";
import { type Counts, type Histogram, magnitudes } from "./histogram.ts";

export function solvePercentile(
  histogram: Histogram,
  scheme: Scheme,
  { percentage = 99.99 }: SolveParameters,
): Range {
  if (!(percentage > 0 && percentage <= 100)) {
    throw new RangeError(`Cannot solve by percentile: percentage is ${percentage}, expected 0 < p <= 100`);
  }
  const { low, high, first, counts, total } = histogram;
  if (percentage === 100) return { low, high };
  const width = 2 ** histogram.exponent;
  if (scheme.symmetric) {
    const bin = binReaching(magnitudes(histogram), percentage / 100, total);
    return clipRange(histogram, Math.max(bin, 1) * width);
  }
  const cut = (100 - percentage) / 200;
  const left = first + binReaching(counts, cut, total);
  const right = first + binReaching(counts, 1 - cut, total);
  return {
    low: Math.max(Math.min(low, 0), Math.min(left, 0) * width),
    high: Math.min(Math.max(high, 0), Math.max(right, 1) * width),
  };
}

/** The first bin with count(0..bin)/total ≥ share: NumPy's left searchsorted in the cumulative histogram. */
function binReaching(counts: Counts, share: number, total: number): number {
  let sum = 0;
  for (let bin = 0; bin < counts.length; bin++) {
    sum += counts[bin];
    if (sum / total >= share) return bin;
  }
  return counts.length - 1;
}
