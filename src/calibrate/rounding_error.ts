// The squared error of an encoding over a histogram, by which mse and diffs compare candidates.
import { codesOf, type Scheme } from "../quantize/encoding.ts";
import type { Histogram } from "./histogram.ts";

export type Encoded = { readonly scale: number; readonly zeroPoint: number };

/**
 * Σ count·(Q(c) − c)² over bin centres c, in units of squared bin widths: the width is a power of two, so nothing is
 * lost. Steps finer than a bin count as uniform noise, step²/12. Values beyond the codes count `saturation` times.
 * Stops early, with a larger number, once it exceeds `limit`.
 */
export function roundingError(
  { first, counts, exponent }: Histogram,
  encoded: Encoded,
  scheme: Scheme,
  limit = Infinity,
  saturation = 1,
): number {
  const scale = encoded.scale * 2 ** -exponent;
  const [codeLow, codeHigh] = codesOf(scheme);
  const smallest = (codeLow - encoded.zeroPoint) * scale;
  const largest = (codeHigh - encoded.zeroPoint) * scale;
  const centre = first + 0.5;
  const from = Math.min(Math.max(Math.ceil(smallest - centre), 0), counts.length);
  const to = Math.min(Math.max(Math.ceil(largest - centre), from), counts.length);
  let sum = 0;
  for (let k = 0; k < from; k++) sum += counts[k] * square(centre + k - smallest);
  for (let k = to; k < counts.length; k++) sum += counts[k] * square(centre + k - largest);
  sum *= saturation;
  if (sum > limit) return sum;
  if (scale <= 1) {
    let inside = 0;
    for (let k = from; k < to; k++) inside += counts[k];
    return sum + inside * scale * scale / 12;
  }
  const inverse = 1 / scale;
  for (let block = from; block < to && sum <= limit; block += 64) {
    const end = Math.min(block + 64, to);
    for (let k = block; k < end; k++) {
      const x = centre + k;
      // Adding and subtracting 1.5·2^52 rounds to nearest; a tie errs equally both ways, so a product serves.
      const code = x * inverse + roundingMagic - roundingMagic;
      sum += counts[k] * square(code * scale - x);
    }
  }
  return sum;
}

const roundingMagic = 1.5 * 2 ** 52;

function square(x: number): number {
  return x * x;
}
