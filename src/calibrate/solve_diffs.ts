// diffs: the least squared error among five neighbouring power-of-two scales (Vitis AI, vai_q_pytorch 3.5): the scale
// of the observed range and its halves down to 1/16, first minimum. Float scales are halved in the same way. On a
// histogram, errors are those of bin centres: bins are a quarter of the finest candidate's step at 8 bits.
import { encode, type Range, type Scheme } from "../quantize/encoding.ts";
import { halves, shrinkRange } from "../quantize/shrink_range.ts";
import type { Histogram } from "./histogram.ts";
import { roundingError } from "./rounding_error.ts";

export function solveDiffs(histogram: Histogram, scheme: Scheme): Range {
  return shrinkRange(
    histogram,
    halves,
    (range, limit) => roundingError(histogram, encode(range, scheme), scheme, limit),
  );
}
