// Convolutions of codes: signed bytes four to a word, int32 sums, requantized as ONNX Runtime's QLinearConv does.
import { roundHalfEven } from "../tensor/round.ts";
import {
  convolutionBucket,
  convolutionOver,
  type ConvolutionSizes,
  convolutionWork,
  typicalSizes,
} from "./lib/convolution_sample.ts";
import { kernel, type Numbers, type Sample, type Words } from "./kernel.ts";
import { byteOf, bytesOf, packBytes } from "./pack_codes.ts";
import { qconv2dMatrix16x16x16, qconv2dMatrix16x16x32, qconv2dMatrix8x16x32 } from "./qconv2d_matrix.ts";
import { qconv2dTile } from "./qconv2d_tile.ts";
import { qconv2dWidened } from "./qconv2d_widened.ts";
import { dotSpeed, tileSpeed } from "./lib/sample.ts";

/** round(sum · multiplier) in float32, clamped, plus the zero point. */
export function requantized(sum: number, multiplier: number, n: Numbers): number {
  const code = roundHalfEven(Math.fround(Math.fround(sum) * multiplier));
  return Math.min(Math.max(code, n.low), n.high) + n.zero;
}

type Buffers = Readonly<Record<string, Words>>;
/** Σ x·w of one output pixel and channel. */
type SumOf = (pixel: number, channel: number) => number;

/** Fills y word by word from the sums of its four channels. */
function eachWord(
  { bias, multiplier, y }: Buffers,
  n: Numbers,
  pixels: number,
  blocks: number,
  sumOf: SumOf,
) {
  const bytes = [0, 0, 0, 0];
  for (let pixel = 0; pixel < pixels; pixel++) {
    for (let block = 0; block < blocks; block++) {
      for (let lane = 0; lane < 4; lane++) {
        const channel = block * 4 + lane;
        bytes[lane] = requantized((bias[channel] + sumOf(pixel, channel)) | 0, multiplier[channel], n);
      }
      y[pixel * blocks + block] = packBytes(bytes);
    }
  }
}

type Part = {
  /** First input channel of an output channel, and how many follow. */
  readonly from: (channel: number) => number;
  readonly channels: number;
  /** Where the weights of an output channel begin, and the bytes from one tap or input channel to the next. */
  readonly weights: (channel: number) => number;
  readonly tapStride: number;
  readonly step: (c: number) => number;
};

/** The sums of a window over some of the channels; x and w as bytes. */
function windowSums(words: Words, weights: Words, n: Numbers, part: Part): SumOf {
  const [x, w] = [bytesOf(words), bytesOf(weights)];
  const padding = byteOf(n.pad_word, 0);
  const lanes = n.blocks * 4;
  const steps = Int32Array.from({ length: part.channels }, (_, c) => part.step(c));
  return (pixel, channel) => {
    const row = Math.floor(pixel / n.out_width);
    const image = Math.floor(row / n.out_height) * n.height;
    const [from, first] = [part.from(channel), part.weights(channel)];
    let sum = 0;
    for (let tap = 0; tap < n.kernel_y * n.kernel_x; tap++) {
      const iy = (row % n.out_height) * n.stride_y - n.pad_top + Math.floor(tap / n.kernel_x) * n.dilation_y;
      const ix = (pixel % n.out_width) * n.stride_x - n.pad_left + (tap % n.kernel_x) * n.dilation_x;
      const inside = iy >= 0 && iy < n.height && ix >= 0 && ix < n.width;
      const source = ((image + iy) * n.width + ix) * lanes + from;
      const k = first + tap * part.tapStride;
      for (let c = 0; c < steps.length; c++) sum += (inside ? x[source + c] : padding) * w[k + steps[c]];
    }
    return sum;
  };
}

export function qconv2dSample(sizes: ConvolutionSizes): Sample {
  const { numbers, lengths: { x, w, y } } = convolutionOver(sizes);
  const lanes = Math.ceil(sizes.out_blocks / 2) * 8;
  return {
    numbers: { ...numbers, pad_word: 0, zero: 0, low: -128, high: 127 },
    buffers: {
      x: { words: x, type: "u32" },
      w: { words: w, type: "u32" },
      bias: { words: lanes, type: "i32" },
      multiplier: { words: lanes, type: "f32" },
      y: { words: y, type: "u32" },
    },
  };
}

/** Columns of a window whose words' products, 2^16 each, are sure to be whole in qconv2d_widened's sums, to 2^22. */
const mostColumns = 64;

export const qconv2dTiled = kernel("qconv2d_tiled", {
  writes: ["y"],
  operations: (n) => 2 * n.pixels * n.out_blocks * 4 * n.kernel_y * n.kernel_x * n.blocks * 4,
  variants: {
    others({ kernel_x }, speed) {
      const widened = kernel_x <= mostColumns ? [qconv2dWidened] : [];
      if (speed < tileSpeed.codes) return speed < dotSpeed ? widened : [];
      return [
        ...widened,
        qconv2dTile,
        qconv2dMatrix16x16x32,
        qconv2dMatrix16x16x16,
        qconv2dMatrix8x16x32,
      ];
    },
    bucket: convolutionBucket,
    work: convolutionWork,
    sample: (n, work) => qconv2dSample(typicalSizes(n, work)),
  },
  grid: (n) => [Math.ceil(n.pixels / 256), Math.ceil(n.out_blocks / 2)],
  reference(buffers, n) {
    const perGroup = n.kernel_y * n.kernel_x * n.blocks * 32;
    const sumOf = windowSums(buffers.x, buffers.w, n, {
      from: () => 0,
      channels: n.blocks * 4,
      weights: (channel) => (channel >> 3) * perGroup + (channel & 7) * 4,
      tapStride: n.blocks * 32,
      step: (c) => (c >> 2) * 32 + (c & 3),
    });
    eachWord(buffers, n, n.pixels, n.out_blocks, sumOf);
  },
});

export const qconv2dDepthwise = kernel("qconv2d_depthwise", {
  writes: ["y"],
  operations: (n) => 2 * n.images * n.out_height * n.out_width * n.blocks * 4 * n.kernel_y * n.kernel_x,
  grid: (n) => [Math.ceil((n.images * n.out_height * Math.ceil(n.out_width / 4) * n.blocks) / 64)],
  reference(buffers, n) {
    const sumOf = windowSums(buffers.x, buffers.w, n, {
      from: (channel) => channel,
      channels: 1,
      weights: (channel) => channel,
      tapStride: n.blocks * 4,
      step: () => 0,
    });
    eachWord(buffers, n, n.images * n.out_height * n.out_width, n.blocks, sumOf);
  },
});

export const qconv2dGrouped = kernel("qconv2d_grouped", {
  writes: ["y"],
  operations: (n) => 2 * n.pixels * n.out_channels * n.kernel_y * n.kernel_x * n.group_in,
  grid: (n) => [Math.ceil((n.pixels * n.out_blocks) / 64)],
  reference(buffers, n) {
    const each = n.kernel_y * n.kernel_x * n.group_in;
    const inside = (channel: number) => Math.min(channel, n.out_channels - 1);
    const sumOf = windowSums(buffers.x, buffers.w, n, {
      from: (channel) => Math.floor(inside(channel) / n.group_out) * n.group_in,
      channels: n.group_in,
      weights: (channel) => inside(channel) * each,
      tapStride: n.group_in,
      step: (c) => c,
    });
    eachWord(buffers, n, n.pixels, n.out_blocks, sumOf);
  },
});
