// mse: the range with the least squared rounding and clipping error. There are two searches, and they choose different
// ranges: `solveMse` finds bounds among the bins of a histogram, Σ count·(Q(c) − c)² over bin centres c;
// `mseOfElements` has a weight's elements and shrinks both ends of their range together, by hundredths down to 0.40.
//
// Symmetric schemes and one-sided data (NVIDIA pytorch-quantization): candidates amax = bin centres of |x| from
// `startBin` on, encoded with 2^(bits−1) − 1 steps, or with all 2^bits − 1 on the one side; first minimum. Choosing the
// outermost candidate means clipping nothing, so then the observed range is returned. Asymmetric schemes on two-sided
// data, where NVIDIA has no form: both ends are searched as shares of the observed ends in 64ths, first shrinking
// together, then each in turn until neither moves (at most 4 rounds); ties keep the wider range. Every candidate goes
// through `encode`, so with its final zero point.
import { encode, type Range, type Scheme } from "../quantize/encoding.ts";
import { shrinkByElements } from "../quantize/shrink_range.ts";
import type { WeightMethod } from "../quantize/weights.ts";
import { candidates, clipRange, coarseFirst, type SolveParameters } from "./clip.ts";
import type { Histogram } from "./histogram.ts";
import { roundingError } from "./rounding_error.ts";

export const mseOfElements: WeightMethod = shrinkByElements(
  Array.from({ length: 61 }, (_, i) => (100 - i) / 100),
);

const shares = 64;
const rounds = 4;

export function solveMse(histogram: Histogram, scheme: Scheme, parameters: SolveParameters): Range {
  const { low, high } = histogram;
  if (scheme.symmetric || low >= 0 || high <= 0) return searchBound(histogram, scheme, parameters);
  return searchEnds(histogram, scheme);
}

function searchBound(histogram: Histogram, declared: Scheme, parameters: SolveParameters): Range {
  // On |x| there is no lowest code of its own: −2^(bits−1) is left out, as in NVIDIA's form.
  const scheme = declared.symmetric ? { ...declared, narrow: true } : declared;
  const { low, high, first, counts, exponent } = histogram;
  const bins = Math.max(first + counts.length, -first);
  const { start, stride } = candidates(bins, parameters);
  const least = { error: Infinity, bin: bins - 1 };
  for (const bin of coarseFirst(start, bins - 1, stride)) {
    const bound = (bin + 0.5) * 2 ** exponent;
    const range = { low: low < 0 ? -bound : 0, high: high > 0 ? bound : 0 };
    const error = roundingError(histogram, encode(range, scheme), scheme, least.error);
    if (error < least.error || (error === least.error && bin < least.bin)) {
      Object.assign(least, { error, bin });
    }
  }
  return least.bin === bins - 1 ? { low, high } : clipRange(histogram, (least.bin + 0.5) * 2 ** exponent);
}

function searchEnds(histogram: Histogram, scheme: Scheme): Range {
  const rangeOf = (below: number, above: number): Range => ({
    low: histogram.low * (below / shares),
    high: histogram.high * (above / shares),
  });
  const best = { below: shares, above: shares, error: Infinity };
  const attempt = (below: number, above: number): void => {
    const error = roundingError(histogram, encode(rangeOf(below, above), scheme), scheme, best.error);
    if (error < best.error) Object.assign(best, { below, above, error });
  };
  for (let share = shares; share > 0; share--) attempt(share, share);
  for (let round = 0; round < rounds; round++) {
    const before = best.error;
    for (let share = shares; share >= 0; share--) if (best.above > 0) attempt(share, best.above);
    for (let share = shares; share >= 0; share--) if (best.below > 0) attempt(best.below, share);
    if (best.error === before) break;
  }
  return rangeOf(best.below, best.above);
}
