import { weightGradientFold } from "../../src/kernels/weight_gradient_fold.ts";
import { type KernelRows, type Row, ulp } from "./row.ts";

type Weights = {
  readonly outputs: number;
  readonly channels: number;
  readonly slices?: number;
  readonly taps?: number;
  readonly segments?: number;
};

function row(name: string, { outputs, channels, slices = 1, taps = 1, segments = 1 }: Weights): Row {
  const blocks = Math.ceil(channels * slices / 4);
  const columns = taps * blocks;
  const segment_words = Math.ceil(outputs / 16) * columns * 64;
  const count = outputs * channels * slices * taps;
  return {
    name,
    numbers: { segments, segment_words, columns, blocks, taps, slices, channels, count },
    buffers: { partial: segments * segment_words, dw: new Float32Array(count) },
    // Up to four numbers below one.
    bound: ulp(segments === 1 ? 0 : 2 ** 14, "sums of a few numbers of both signs, which may cancel"),
  };
}

export const rows: readonly KernelRows[] = [{
  kernel: weightGradientFold,
  rows: [
    row("one weight", { outputs: 1, channels: 1 }),
    row("odd counts", { outputs: 7, channels: 5, taps: 6 }),
    row("two slices of depth", { outputs: 3, channels: 3, slices: 2, taps: 4 }),
    row("several workgroups, rows past a tile", { outputs: 37, channels: 6, taps: 9 }),
    row("three segments", { outputs: 18, channels: 4, taps: 3, segments: 3 }),
  ],
}];
