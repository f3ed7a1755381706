import { secondMomentsFold } from "../../src/kernels/second_moments_fold.ts";
import { type KernelRows, type Row, sums } from "./row.ts";

/** The layout of partial sums in src/ops/halftone/moments.ts. */
function row(name: string, channels: number, taps: number, outputs: number, segments: number): Row {
  const blocks = Math.ceil(channels / 4);
  const columns = blocks * taps + 1;
  const outBlocks = Math.ceil(outputs / 4);
  const first_y = Math.ceil(columns / 4) * columns * 64;
  const first_square = first_y + Math.ceil(outBlocks / 4) * columns * 64;
  const segment_words = first_square + Math.ceil(outBlocks / 4) * outBlocks * 64;
  const depth = channels * taps;
  const count = (depth + 1 + outputs) * (depth + 2);
  return {
    name,
    numbers: {
      ...{ segments, segment_words, taps, blocks, depth, y_channels: outputs },
      ...{ columns, first_y, first_square, count },
    },
    buffers: { partial: segments * segment_words, moments: count },
    bound: sums,
  };
}

export const rows: readonly KernelRows[] = [{
  kernel: secondMomentsFold,
  rows: [
    row("smallest", 1, 1, 1, 1),
    row("three of four lanes, several segments", 3, 9, 6, 5),
    row("several tiles", 9, 6, 21, 2),
  ],
}];
