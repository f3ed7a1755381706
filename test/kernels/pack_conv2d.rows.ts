import { packConv2d } from "../../src/kernels/pack_conv2d.ts";
import { exact, type KernelRows, type Row } from "./row.ts";

function row(name: string, out_channels: number, in_channels: number, taps: number): Row {
  const in_blocks = Math.ceil(in_channels / 4);
  const count = Math.ceil(out_channels / 8) * taps * in_blocks * 32;
  return {
    name,
    numbers: { out_channels, in_channels, taps, in_blocks, count },
    buffers: { w: out_channels * in_channels * taps, y: count },
    bound: exact,
  };
}

export const rows: readonly KernelRows[] = [{
  kernel: packConv2d,
  rows: [
    row("one weight", 1, 1, 1),
    row("nothing to pad", 8, 4, 9),
    row("odd channels", 13, 3, 9),
    row("several workgroups", 40, 18, 25),
  ],
}];
