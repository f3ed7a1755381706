import { batchNormalization } from "../../src/kernels/batch_normalization.ts";
import { type KernelRows, type Row, seededFloats, within } from "./row.ts";

const bound = within(1e-5, "a root, a quotient, a product and two sums of numbers below 10");

function row(name: string, inner: number, channels: number, stride_channels: number, images: number): Row {
  const count = images * stride_channels * inner;
  return {
    name,
    numbers: { count, inner, channels, stride_channels, epsilon: 1e-3 },
    buffers: {
      x: count,
      scale: channels,
      bias: channels,
      mean: channels,
      variance: seededFloats(channels, 8).map((v) => Math.abs(v) + 0.1),
      y: count,
    },
    bound,
  };
}

export const rows: readonly KernelRows[] = [{
  kernel: batchNormalization,
  rows: [
    row("one number", 1, 1, 1, 1),
    row("row-major, odd sizes", 35, 3, 3, 2),
    row("channels last, 5 of 8 lanes", 1, 5, 8, 21),
    row("several workgroups", 64, 10, 10, 3),
  ],
}];
