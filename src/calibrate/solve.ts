// From a histogram to the range that is worth encoding. One file per method, each headed by its source; all
// are deterministic functions of the histogram, hence independent of the order of the data.
import type { Range, Scheme } from "../quantize/encoding.ts";
import type { SolveParameters } from "./clip.ts";
import { coarsened, type Histogram } from "./histogram.ts";
import { solveAuto } from "./solve_auto.ts";
import { solveDiffs } from "./solve_diffs.ts";
import { solveEntropy } from "./solve_entropy.ts";
import { solveMaxmin } from "./solve_maxmin.ts";
import { solveMse } from "./solve_mse.ts";
import { solvePercentile } from "./solve_percentile.ts";

export type { SolveParameters } from "./clip.ts";

export const rangeMethods = ["maxmin", "percentile", "entropy", "mse", "diffs", "auto"] as const;
export type RangeMethod = (typeof rangeMethods)[number];

/**
 * The range to give to `encode` for a tensor with this histogram. Within the observed range, except that zero
 * always belongs to it (encode puts it there). RangeError for an empty histogram or a parameter out of its
 * bounds.
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
  const histogram = parameters.bins === undefined ? observed : coarsened(observed, parameters.bins);
  if (histogram.total === 0) {
    throw new RangeError(
      `Cannot solve a range by ${method}: the histogram is empty, expected at least one finite value`,
    );
  }
  switch (method) {
    case "maxmin":
      return solveMaxmin(histogram);
    case "percentile":
      return solvePercentile(histogram, scheme, parameters);
    case "entropy":
      return solveEntropy(histogram, scheme, parameters);
    case "mse":
      return solveMse(histogram, scheme, parameters);
    case "diffs":
      return solveDiffs(histogram, scheme);
    case "auto":
      return solveAuto(histogram, scheme, parameters);
  }
}
