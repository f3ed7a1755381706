// auto (halftone's own): the range whose rounding and clipping errors disturb the reading layers' results least.
//
// A layer sums w·e over its inputs, where e are the errors. Independent errors add like noise, Σw²·(m2 − m²); the
// common part adds up, (Σw)²·m². With r = (Σw)² / Σw² of the reading layers (`coherence`), the error of a result is in
// proportion to m2 + (r − 1)·m², from the moments m, m2 of the error over the histogram. Clipping errs in one direction
// only, in whole neighbourhoods at once, so `together` is added to r.
//
// Ends are searched as shares of the observed ones in 128ths, as far as the scheme lets them move apart: together, then
// each in turn until neither moves. Zero is exact: the zero bin of a non-negative tensor contributes no error. Images
// keep their whole range: colours are multiples of 1/255, which that range represents exactly or evenly.
import { codesOf, encode, type Range, type Scheme } from "../quantize/encoding.ts";
import type { SolveParameters } from "./clip.ts";
import type { Counts, Histogram } from "./histogram.ts";

const shares = 128;
const rounds = 3;
/** `deno task bench methods`: 4 loses 0.2 to 0.4 dB on SqueezeNet and MobileNet, 64 loses 1.7 and 0.5. */
const together = 16;
/** Share of the values that may be outliers at either end. */
const outermost = 0.001;

export function solveAuto(histogram: Histogram, scheme: Scheme, parameters: SolveParameters): Range {
  const { low, high } = histogram;
  if (isPicture(histogram, (parameters.grids ?? 0) * 2 ** scheme.bits)) return { low, high };
  const weight = together + (parameters.coherence ?? 1) - 1;
  const rangeOf = (below: number, above: number): Range => ({
    low: low * (below / shares),
    high: high * (above / shares),
  });
  const best = { below: shares, above: shares, error: Infinity };
  const attempt = (below: number, above: number): void => {
    const error = resultError(histogram, rangeOf(below, above), scheme, weight, best.error);
    if (error < best.error) Object.assign(best, { below, above, error });
  };
  for (let share = shares; share > 0; share--) attempt(share, share);
  const isOneSided = scheme.symmetric || low >= 0 || high <= 0;
  for (let round = 0; round < rounds && !isOneSided; round++) {
    const before = best.error;
    for (let share = shares; share >= 0; share--) if (best.above > 0) attempt(share, best.above);
    for (let share = shares; share >= 0; share--) if (best.below > 0) attempt(best.below, share);
    if (best.error === before) break;
  }
  return rangeOf(best.below, best.above);
}

/** At most this many different values, which reach into the outer quarter of the range. */
function isPicture({ counts, total }: Histogram, levels: number): boolean {
  if (counts.filter((values) => values > 0).length > levels) return false;
  const reach = (bins: Counts) => {
    let sum = 0;
    return bins.findIndex((values) => (sum += values) > total * outermost);
  };
  return reach(counts) + reach(counts.toReversed()) <= counts.length / 4;
}

/** Σ e² + weight · (Σ e)² / Σ 1, or a smaller sum over `limit`, over bin centres in units of bins. */
function resultError(
  { first, counts, exponent, low, total }: Histogram,
  range: Range,
  scheme: Scheme,
  weight: number,
  limit: number,
): number {
  const { scale, zeroPoint } = encode(range, scheme);
  const step = scale * 2 ** -exponent;
  const [lowest, highest] = codesOf(scheme).map((code) => code - zeroPoint);
  const [smallest, largest] = [lowest * step, highest * step];
  // Steps finer than a bin count as uniform noise.
  const fine = step <= 1 ? step * step / 12 : undefined;
  let [sum, squares] = [0, 0];
  for (let k = 0; k < counts.length; k++) {
    const values = counts[k];
    const bin = first + k;
    if (values === 0 || (bin === 0 && low >= 0)) continue;
    const x = bin + 0.5;
    if (fine !== undefined && x > smallest && x < largest) {
      squares += values * fine;
      continue;
    }
    const error = Math.min(Math.max(Math.round(x / step), lowest), highest) * step - x;
    sum += values * error;
    squares += values * error * error;
    if (squares > limit) return squares;
  }
  return squares + weight * sum * sum / total;
}
