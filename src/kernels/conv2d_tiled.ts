// Dense convolution, channels last, weights packed by pack_conv2d.
import { kernel, type Numbers, type Words } from "./kernel.ts";

export const conv2dTiled = kernel("conv2d_tiled", {
  writes: ["y"],
  operations: (n) => 2 * n.pixels * n.out_blocks * 4 * n.kernel_y * n.kernel_x * n.blocks * 4,
  grid: (n) => [Math.ceil(n.pixels / 256), Math.ceil(n.out_blocks / 2)],
  reference({ x, w, bias, y }, n) {
    const sums = new Float64Array(8);
    const perGroup = n.kernel_y * n.kernel_x * n.blocks * 32;
    for (let pixel = 0; pixel < n.pixels; pixel++) {
      for (let group = 0; group < Math.ceil(n.out_blocks / 2); group++) {
        sums.fill(0);
        addTaps(sums, x, w, n, pixel, group * perGroup);
        for (let o = 0; o < 8; o++) {
          const channel = group * 8 + o;
          if (channel >= n.out_blocks * 4) break;
          const offset = n.has_bias && channel < n.out_channels ? bias[channel] : 0;
          y[pixel * n.out_blocks * 4 + channel] = Math.min(Math.max(sums[o] + offset, n.low), n.high);
        }
      }
    }
  },
});

function addTaps(sums: Float64Array, x: Words, w: Words, n: Numbers, pixel: number, packed: number) {
  const image = Math.floor(pixel / (n.out_width * n.out_height));
  const top = (Math.floor(pixel / n.out_width) % n.out_height) * n.stride_y - n.pad_top;
  const left = (pixel % n.out_width) * n.stride_x - n.pad_left;
  const lanes = n.blocks * 4;
  for (let r = 0; r < n.kernel_y; r++) {
    const iy = top + r * n.dilation_y;
    if (iy < 0 || iy >= n.height) continue;
    for (let s = 0; s < n.kernel_x; s++) {
      const ix = left + s * n.dilation_x;
      if (ix < 0 || ix >= n.width) continue;
      const source = ((image * n.height + iy) * n.width + ix) * lanes;
      let k = packed + (r * n.kernel_x + s) * lanes * 8;
      for (let c = 0; c < lanes; c++, k += 8) {
        const v = x[source + c];
        if (v === 0) continue;
        for (let o = 0; o < 8; o++) sums[o] += v * w[k + o];
      }
    }
  }
}
