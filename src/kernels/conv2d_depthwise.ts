// Depthwise convolution with one filter per channel, channels last; memory-bound, so no packing beyond the padding.
import { kernel } from "./kernel.ts";

export const conv2dDepthwise = kernel("conv2d_depthwise", {
  writes: ["y"],
  operations: (n) => 2 * n.images * n.out_height * n.out_width * n.blocks * 4 * n.kernel_y * n.kernel_x,
  grid: (n) => [Math.ceil((n.images * n.out_height * Math.ceil(n.out_width / 4) * n.blocks) / 64)],
  reference({ x, w, bias, y }, n) {
    const lanes = n.blocks * 4;
    const pixels = n.images * n.out_height * n.out_width;
    for (let pixel = 0; pixel < pixels; pixel++) {
      const image = Math.floor(pixel / (n.out_width * n.out_height));
      const top = (Math.floor(pixel / n.out_width) % n.out_height) * n.stride_y - n.pad_top;
      const left = (pixel % n.out_width) * n.stride_x - n.pad_left;
      for (let c = 0; c < lanes; c++) {
        let sum = n.has_bias && c < n.channels ? bias[c] : 0;
        for (let r = 0; r < n.kernel_y; r++) {
          const iy = top + r * n.dilation_y;
          if (iy < 0 || iy >= n.height) continue;
          for (let s = 0; s < n.kernel_x; s++) {
            const ix = left + s * n.dilation_x;
            if (ix < 0 || ix >= n.width) continue;
            const v = x[((image * n.height + iy) * n.width + ix) * lanes + c];
            sum += v * w[(r * n.kernel_x + s) * lanes + c];
          }
        }
        y[pixel * lanes + c] = Math.min(Math.max(sum, n.low), n.high);
      }
    }
  },
});
