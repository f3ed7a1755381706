// Searches for the range of least squared error among shrunk copies of the observed one.
import { codesOf, encode, type Range, type Scheme } from "./encoding.ts";
import type { WeightMethod } from "./weights.ts";

/**
 * The range times the first factor of least error. `errorOf` may return a partial sum once that reaches `limit`.
 */
export function shrinkRange(
  { low, high }: Range,
  factors: readonly number[],
  errorOf: (range: Range, limit: number) => number,
): Range {
  let best = { low, high };
  let least = Infinity;
  for (const factor of factors) {
    const range = { low: low * factor, high: high * factor };
    const error = errorOf(range, least);
    if (error < least) [best, least] = [range, error];
  }
  return best;
}

/** Shrinks the range of a channel by these factors and compares Σ(x − x̂)² over its elements. */
export function shrinkByElements(factors: readonly number[]): WeightMethod {
  return (channel, range, scheme) =>
    shrinkRange(range, factors, (candidate, limit) => squaredError(channel, candidate, scheme, limit));
}

/** What diffs tries: the scale of the observed range and its halves down to 1/16 (vai_q_pytorch 3.5). */
export const halves: readonly number[] = [1, 1 / 2, 1 / 4, 1 / 8, 1 / 16];

/** diffs over elements; src/calibrate/solve_diffs.ts does the same over a histogram. */
export const diffsOfElements: WeightMethod = shrinkByElements(halves);

/** Σ(x − x̂)², or a partial sum once that reaches `limit`. */
function squaredError(values: Float32Array, range: Range, scheme: Scheme, limit: number): number {
  const { scale, zeroPoint } = encode(range, scheme);
  const [codeLow, codeHigh] = codesOf(scheme);
  const [lowest, highest] = [codeLow - zeroPoint, codeHigh - zeroPoint];
  let sum = 0;
  for (let i = 0; i < values.length && sum < limit; i++) {
    // Adding and subtracting 1.5·2^52 is roundHalfEven for |x| < 2^51.
    const code = Math.fround(values[i] / scale) + roundingMagic - roundingMagic;
    const error = Math.fround(Math.min(Math.max(code, lowest), highest) * scale) - values[i];
    sum += error * error;
  }
  return sum;
}

const roundingMagic = 1.5 * 2 ** 52;
