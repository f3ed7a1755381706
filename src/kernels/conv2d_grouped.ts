// Convolution with any number of groups: the plain one, weights as ONNX stores them.
import { kernel } from "./kernel.ts";

export const conv2dGrouped = kernel("conv2d_grouped", {
  writes: ["y"],
  operations: (n) =>
    2 * n.images * n.out_height * n.out_width * n.out_channels * n.kernel_y * n.kernel_x * n.group_in,
  grid: (n) => [Math.ceil((n.images * n.out_height * n.out_width * n.out_stride_channels) / 64)],
  reference({ x, w, bias, y }, n) {
    const pixels = n.images * n.out_height * n.out_width;
    for (let pixel = 0; pixel < pixels; pixel++) {
      const image = Math.floor(pixel / (n.out_width * n.out_height));
      const top = (Math.floor(pixel / n.out_width) % n.out_height) * n.stride_y - n.pad_top;
      const left = (pixel % n.out_width) * n.stride_x - n.pad_left;
      for (let o = 0; o < n.out_stride_channels; o++) {
        const at = pixel * n.out_stride_channels + o;
        if (o >= n.out_channels) {
          y[at] = 0;
          continue;
        }
        const first = Math.floor(o / n.group_out) * n.group_in;
        let sum = n.has_bias ? bias[o] : 0;
        for (let r = 0; r < n.kernel_y; r++) {
          const iy = top + r * n.dilation_y;
          if (iy < 0 || iy >= n.height) continue;
          for (let s = 0; s < n.kernel_x; s++) {
            const ix = left + s * n.dilation_x;
            if (ix < 0 || ix >= n.width) continue;
            const source = ((image * n.height + iy) * n.width + ix) * n.stride_channels + first;
            for (let c = 0; c < n.group_in; c++) {
              sum += x[source + c] * w[((o * n.group_in + c) * n.kernel_y + r) * n.kernel_x + s];
            }
          }
        }
        y[at] = Math.min(Math.max(sum, n.low), n.high);
      }
    }
  },
});
