// diffs: the least squared error among five neighbouring power-of-two scales (Vitis AI, vai_q_pytorch 3.5): the scale
// of the observed range and its halves down to 1/16, first minimum. Float scales are halved in the same way. Errors are
// of bin centres instead of values: bins are a quarter of the finest candidate's step at 8 bits.
import { encode, type Range, type Scheme } from "../quantize/encoding.ts";
import type { Histogram } from "./histogram.ts";
import { roundingError } from "./rounding_error.ts";

const halvings = 4;

export function solveDiffs(histogram: Histogram, scheme: Scheme): Range {
  const { low, high } = histogram;
  const best = { range: { low, high }, error: Infinity };
  for (let halving = 0; halving <= halvings; halving++) {
    const range = { low: low * 2 ** -halving, high: high * 2 ** -halving };
    const error = roundingError(histogram, encode(range, scheme), scheme, best.error);
    if (error < best.error) Object.assign(best, { range, error });
  }
  return best.range;
}
