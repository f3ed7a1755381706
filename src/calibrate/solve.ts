// Chooses the range to encode, from a histogram or from a weight's elements.
import type { Range, Scheme } from "../quantize/encoding.ts";
import type { WeightMethod } from "../quantize/weights.ts";
import type { SolveParameters } from "./clip.ts";
import { coarsen, type Histogram, histogramOf } from "./histogram.ts";
import { type RangeMethod, type RangeMethodRow, rangeMethodRows } from "./range_methods.ts";

export type { SolveParameters } from "./clip.ts";
export type { RangeMethod } from "./range_methods.ts";

export const rangeMethods: readonly RangeMethod[] = rangeMethodRows.map(({ name }) => name);

export function rangeMethodRow(method: RangeMethod): RangeMethodRow {
  return rangeMethodRows.find(({ name }) => name === method)!;
}

/**
 * The range to encode for a tensor with this histogram: within the observed range, except that `encode` adds zero.
 * @throws RangeError for an empty histogram or a parameter out of bounds.
 *
 * ```ts
 * const range = solve("percentile", histogramOf(values), scheme, { percentage: 99.99 });
 * const { scale, zeroPoint } = encode(range, scheme);
 * ```
 */
export function solve(
  method: RangeMethod,
  observed: Histogram,
  scheme: Scheme,
  parameters: SolveParameters = {},
): Range {
  const histogram = parameters.bins === undefined ? observed : coarsen(observed, parameters.bins);
  if (histogram.total === 0) {
    throw new RangeError(
      `Cannot solve a range by ${method}: the histogram is empty, expected at least one finite value`,
    );
  }
  return rangeMethodRow(method).solve(histogram, scheme, parameters);
}

/** The method for channels of weights: from the elements, or from their histogram for this scheme. */
export function weightMethodBy(
  method: RangeMethod,
  scheme: Scheme,
  parameters: SolveParameters,
): WeightMethod {
  return rangeMethodRow(method).solveElements ??
    ((channel) => solve(method, histogramOf(channel), scheme, parameters));
}
