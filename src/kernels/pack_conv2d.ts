// Weights as conv2d_tiled reads them: blocks of eight output channels, four input channels, zero-padded.
import { kernel } from "./kernel.ts";

export const packConv2d = kernel("pack_conv2d", {
  writes: ["y"],
  grid: (n) => [Math.ceil(n.count / 64)],
  reference({ w, y }, n) {
    for (let i = 0; i < n.count; i++) {
      const rest = Math.floor(i / 32);
      const c = (rest % n.in_blocks) * 4 + (Math.floor(i / 8) % 4);
      const tap = Math.floor(rest / n.in_blocks) % n.taps;
      const o = Math.floor(rest / n.in_blocks / n.taps) * 8 + (i % 8);
      const inside = c < n.in_channels && o < n.out_channels;
      y[i] = inside ? w[(o * n.in_channels + c) * n.taps + tap] : 0;
    }
  },
});
