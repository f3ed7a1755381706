// Convolution of codes with any number of groups.
import { nibblesApart } from "./lib/bytes.ts";
import { fillCodes, windowSums } from "./lib/coded_sums.ts";
import { kernel } from "./kernel.ts";

export const qconv2dGrouped = kernel("qconv2d_grouped", {
  writes: ["y"],
  operations: (n) => 2 * n.pixels * n.out_channels * n.kernel_y * n.kernel_x * n.group_in,
  grid: (n) => [Math.ceil((n.pixels * n.out_blocks) / 64)],
  reference(buffers, n) {
    const each = n.kernel_y * n.kernel_x * n.group_in;
    const inside = (channel: number) => Math.min(channel, n.out_channels - 1);
    const sumOf = windowSums(buffers, n, {
      from: (channel) => Math.floor(inside(channel) / n.group_out) * n.group_in,
      channels: n.group_in,
      weights: (channel) => inside(channel) * each,
      tapStride: n.group_in,
      step: (c) => c,
      apart: nibblesApart.grouped,
    });
    fillCodes(buffers, n, n.pixels, n.out_blocks, sumOf);
  },
});
