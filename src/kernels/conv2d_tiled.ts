// Dense convolution, channels last, weights packed by pack_conv2d.
import {
  convolutionBucket,
  convolutionOver,
  type ConvolutionSizes,
  convolutionWork,
  typicalSizes,
} from "./lib/convolution_sample.ts";
import { type Kernel, kernel, type Numbers, type Sample, type Words } from "./kernel.ts";
import { tileSpeed } from "./lib/sample.ts";

const declared: Omit<Kernel, "stem"> = {
  writes: ["y"],
  operations: (n) => 2 * n.pixels * n.out_blocks * 4 * n.kernel_y * n.kernel_x * n.blocks * 4,
  grid: (n) => [Math.ceil(n.pixels / 256), Math.ceil(n.out_blocks / 2)],
  reference({ x, w, bias, residual, y }, n) {
    const sums = new Float64Array(8);
    const perGroup = n.kernel_y * n.kernel_x * n.blocks * 32;
    for (let pixel = 0; pixel < n.pixels; pixel++) {
      for (let group = 0; group < Math.ceil(n.out_blocks / 2); group++) {
        sums.fill(0);
        addTaps(sums, x, w, n, pixel, group * perGroup);
        for (let o = 0; o < 8; o++) {
          const channel = group * 8 + o;
          if (channel >= n.out_blocks * 4) break;
          const at = pixel * n.out_blocks * 4 + channel;
          let value = sums[o];
          if (n.has_bias && channel < n.out_channels) value += bias[channel];
          if (n.has_residual) value += residual[at];
          y[at] = Math.min(Math.max(value, n.low), n.high);
        }
      }
    }
  },
};

/** Tiles in workgroup memory: 64 pixels × 32 channels. */
export const conv2dTile = kernel("conv2d_tile", {
  ...declared,
  grid: (n) => [Math.ceil(n.pixels / 64), Math.ceil(n.out_blocks / 8)],
});

/** Tiles of 128 pixels × 64 channels: fewer loads for each product, fewer workgroups. */
export const conv2dWide = kernel("conv2d_wide", {
  ...declared,
  grid: (n) => [Math.ceil(n.pixels / 128), Math.ceil(n.out_blocks / 16)],
});

export function conv2dSample(sizes: ConvolutionSizes, has_bias: number): Sample {
  const { numbers, lengths: { x, w, y } } = convolutionOver(sizes);
  const out_channels = sizes.out_blocks * 4;
  return {
    numbers: { ...numbers, has_bias, has_residual: 0, out_channels, low: -1, high: 1 },
    buffers: {
      x: { words: x * 4, type: "f32" },
      w: { words: w * 4, type: "f32" },
      bias: { words: out_channels, type: "f32" },
      residual: { words: 4, type: "f32" },
      y: { words: y * 4, type: "f32" },
    },
  };
}

export const conv2dTiled = kernel("conv2d_tiled", {
  ...declared,
  variants: {
    others(n, speed) {
      if (speed < tileSpeed.floats) return [];
      return n.out_blocks > 8 && n.pixels > 256 ? [conv2dTile, conv2dWide] : [conv2dTile];
    },
    bucket: convolutionBucket,
    work: convolutionWork,
    sample: (n, work) => conv2dSample(typicalSizes(n, work), n.has_bias),
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
