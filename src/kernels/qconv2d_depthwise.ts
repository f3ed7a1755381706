// Convolution of codes with one filter per channel.
import { nibblesApart } from "./lib/bytes.ts";
import { fillCodes, windowSums } from "./lib/coded_sums.ts";
import { kernel } from "./kernel.ts";

export const qconv2dDepthwise = kernel("qconv2d_depthwise", {
  writes: ["y"],
  operations: (n) => 2 * n.images * n.out_height * n.out_width * n.blocks * 4 * n.kernel_y * n.kernel_x,
  grid: (n) => [Math.ceil((n.images * n.out_height * Math.ceil(n.out_width / 4) * n.blocks) / 64)],
  reference(buffers, n) {
    const sumOf = windowSums(buffers, n, {
      from: (channel) => channel,
      channels: 1,
      weights: (channel) => channel,
      tapStride: n.blocks * 4,
      step: () => 0,
      apart: nibblesApart.depthwise,
    });
    fillCodes(buffers, n, n.images * n.out_height * n.out_width, n.blocks, sumOf);
  },
});
