// entropy: the clipping that keeps the distribution of |x| recognisable, by Kullback-Leibler divergence
// (NVIDIA pytorch-quantization, after S. Migacz, "8-bit inference with TensorRT", GTC 2017).
//
// bins[0] ← bins[1], since exact zeros cost nothing. Candidate i keeps the first i bins: P = those bins, the
// tail added to the last; Q = the bins merged into `levels` linear groups, each spread evenly over its
// non-empty bins. amax = edge i of the last i with the least KL(P‖Q). Over the groups g, with sum S_g in n_g
// non-empty bins,
//   N·KL = Σ b·ln b − Σ_g S_g·ln(S_g/n_g) + (b + t)·ln(b + t) − b·ln b − t·ln q + N·ln(Σ_g S_g/N),
// b the last kept bin, t the tail, q the mean of the last group: prefix sums make a candidate cost O(levels).
import type { Range, Scheme } from "../quantize/encoding.ts";
import { candidates, clipRange, coarseFirst, type SolveParameters } from "./clip.ts";
import { type Histogram, magnitudes } from "./histogram.ts";

export function solveEntropy(histogram: Histogram, scheme: Scheme, parameters: SolveParameters): Range {
  const { low, high, exponent } = histogram;
  const bins = magnitudes(histogram);
  if (bins.length > 1) bins[0] = bins[1];
  const { start, stride } = candidates(bins.length, parameters);
  const width = 2 ** exponent;
  const prefix = prefixSums(bins);
  // With fewer bins than levels there is no quantization left to judge (NVIDIA starts at 128 for 128 levels).
  const from = Math.max(start, Math.min(levelsFor(scheme, low, high, Infinity), parameters.startBin ?? 128));
  const found: { kept: number; kl: number }[] = [];
  let least = Infinity;
  for (const kept of coarseFirst(from, bins.length, stride)) {
    const kl = divergence(
      bins,
      prefix,
      kept,
      levelsFor(scheme, low, high, kept * width),
      least + 2 * sameMinimum,
    );
    if (kl <= least + sameMinimum) found.push({ kept, kl });
    least = Math.min(least, kl);
  }
  const minima = found.filter(({ kl }) => kl <= least + sameMinimum).map(({ kept }) => kept);
  // The last one clips least.
  return least < Infinity ? clipRange(histogram, Math.max(...minima) * width) : { low, high };
}

/** Prefix sums leave errors near 1e-14. */
const sameMinimum = 1e-12;

/**
 * Quantization levels on the side of |x| = bound: 2^(bits − 1) for symmetric schemes; asymmetric ones share
 * 2^bits between the clipped ends, which makes it 2^bits for one-sided data (NVIDIA's `unsigned`).
 */
function levelsFor({ bits, symmetric }: Scheme, low: number, high: number, bound: number): number {
  if (symmetric) return 2 ** (bits - 1);
  const below = Math.min(Math.max(-low, 0), bound);
  const above = Math.min(Math.max(high, 0), bound);
  return Math.round(2 ** bits * Math.max(below, above) / (below + above)) || 2 ** (bits - 1);
}

type PrefixSums = { counts: Float64Array; filled: Float64Array; logs: Float64Array };

function prefixSums(bins: Float64Array): PrefixSums {
  const counts = new Float64Array(bins.length + 1);
  const filled = new Float64Array(bins.length + 1);
  const logs = new Float64Array(bins.length + 1);
  for (let k = 0; k < bins.length; k++) {
    counts[k + 1] = counts[k] + bins[k];
    filled[k + 1] = filled[k] + (bins[k] > 0 ? 1 : 0);
    logs[k + 1] = logs[k] + timesLog(bins[k]);
  }
  return { counts, filled, logs };
}

/**
 * KL(P‖Q) of keeping the first `kept` bins; Infinity when the tail falls on an empty last bin. No group's part of it
 * is negative, so it stops early, with a smaller number, once that exceeds `limit`.
 */
function divergence(
  bins: Float64Array,
  { counts, filled, logs }: PrefixSums,
  kept: number,
  levels: number,
  limit: number,
): number {
  const total = counts[bins.length];
  const inside = counts[kept];
  const tail = total - inside;
  const last = bins[kept - 1];
  if (inside === 0 || (tail > 0 && last === 0)) return Infinity;
  const groups = Math.min(levels, kept);
  const constant = total * Math.log(inside / total);
  let sum = logs[kept] + timesLog(last + tail) - timesLog(last);
  const most = limit * total - constant;
  let lastMean = 0;
  for (let group = groups - 1, to = kept; group >= 0; group--) {
    const from = Math.ceil(group * kept / groups);
    const mass = counts[to] - counts[from];
    if (mass > 0) {
      const mean = mass / (filled[to] - filled[from]);
      sum -= mass * Math.log(mean);
      if (lastMean === 0) {
        lastMean = mean;
        if (tail > 0) sum -= tail * Math.log(mean);
      }
      if (sum - logs[from] > most) return (sum - logs[from] + constant) / total;
    }
    to = from;
  }
  return (sum + constant) / total;
}

function timesLog(x: number): number {
  return x > 0 ? x * Math.log(x) : 0;
}
