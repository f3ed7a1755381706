// Shared by the clipping solvers: parameters, candidates, and the range for a bound on |x|.
import type { Range } from "../quantize/encoding.ts";
import type { Histogram } from "./histogram.ts";

/** Parameters of the range methods; each reads its own and ignores the rest. */
export type SolveParameters = {
  /** The most bins of a histogram: neighbours are merged until there are few enough (2,048). */
  readonly bins?: number;
  /** percentile: the share of values to keep, 0 < p ≤ 100 (99.99). */
  readonly percentage?: number;
  /** entropy, mse: the first candidate, in bins of a histogram of 2,048 bins over |x| (128). */
  readonly startBin?: number;
  /** entropy, mse: bins from one candidate to the next, in the same measure (1). */
  readonly stride?: number;
  /** auto: the coherence of the layers that read the tensor, see src/calibrate/coherence.ts (1). */
  readonly coherence?: number;
  /** auto: how many sets of evenly spaced values the tensor may consist of; an image has one per colour (0: none). */
  readonly grids?: number;
};

/** [−bound, bound] within the observed range with zero in it, as ONNX Runtime clamps. */
export function clipRange({ low, high }: Histogram, bound: number): Range {
  return { low: Math.max(Math.min(low, 0), -bound), high: Math.min(Math.max(high, 0), bound) };
}

/**
 * The candidates `from`, `from` + stride, … ≤ `to`, every sixteenth of them first: their errors are limits at which
 * most others stop early.
 */
export function* coarseFirst(from: number, to: number, stride: number): Generator<number> {
  const coarse = 16 * stride;
  for (let i = from; i <= to; i += coarse) yield i;
  for (let i = from; i <= to; i += stride) if ((i - from) % coarse !== 0) yield i;
}

/**
 * First candidate and stride over `bins` bins of |x|. NVIDIA's numbers are for 2,048 bins; power-of-two widths give 512
 * to 2,048, so both shrink in proportion and the start keeps its share of the range.
 */
export function candidates(bins: number, parameters: SolveParameters): { start: number; stride: number } {
  const { startBin = 128, stride = 1 } = parameters;
  for (const [name, value] of [["startBin", startBin], ["stride", stride]] as const) {
    if (!Number.isInteger(value) || value < 1) {
      throw new RangeError(`Cannot search ranges: ${name} is ${value}, expected an integer of at least 1`);
    }
  }
  const share = bins / 2048;
  return {
    start: Math.max(1, Math.round(startBin * share)),
    stride: Math.max(1, Math.round(stride * share)),
  };
}
