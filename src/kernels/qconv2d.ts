// Convolutions of codes: signed bytes four to a word, int32 sums, requantized as ONNX Runtime's QLinearConv does.
import { roundHalfEven } from "../tensor/round.ts";
import { kernel, type Numbers, type Words } from "./kernel.ts";
import { byteOf, packBytes } from "./pack_codes.ts";

/** round(sum · multiplier) in float32, clamped, plus the zero point. */
export function requantized(sum: number, multiplier: number, n: Numbers): number {
  const code = roundHalfEven(Math.fround(Math.fround(sum) * multiplier));
  return Math.min(Math.max(code, n.low), n.high) + n.zero;
}

type Buffers = Readonly<Record<string, Words>>;

/** Σ x·w over a window: `from` is the first input channel, `tap` gives the weight of a tap and channel. */
function windowSum(
  x: Words,
  n: Numbers,
  pixel: number,
  [from, channels]: readonly [number, number],
  tap: (r: number, s: number, c: number) => number,
): number {
  const row = Math.floor(pixel / n.out_width);
  const image = Math.floor(row / n.out_height) * n.height;
  let sum = 0;
  for (let r = 0; r < n.kernel_y; r++) {
    const iy = (row % n.out_height) * n.stride_y - n.pad_top + r * n.dilation_y;
    for (let s = 0; s < n.kernel_x; s++) {
      const ix = (pixel % n.out_width) * n.stride_x - n.pad_left + s * n.dilation_x;
      const inside = iy >= 0 && iy < n.height && ix >= 0 && ix < n.width;
      const source = ((image + iy) * n.width + ix) * n.blocks;
      for (let c = 0; c < channels; c++) {
        const channel = from + c;
        const word = inside ? x[source + (channel >> 2)] : n.pad_word;
        sum += byteOf(word, channel & 3) * tap(r, s, c);
      }
    }
  }
  return sum;
}

/** Fills y word by word from the sums of its four channels. */
function eachWord(
  { bias, multiplier, y }: Buffers,
  n: Numbers,
  pixels: number,
  blocks: number,
  sumOf: (pixel: number, channel: number) => number,
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

export const qconv2dTiled = kernel("qconv2d_tiled", {
  writes: ["y"],
  grid: (n) => [Math.ceil(n.pixels / 256), Math.ceil(n.out_blocks / 2)],
  reference(buffers, n) {
    const { x, w } = buffers;
    eachWord(buffers, n, n.pixels, n.out_blocks, (pixel, channel) => {
      const group = (channel >> 3) * n.kernel_y * n.kernel_x * n.blocks * 8 + (channel & 7);
      return windowSum(x, n, pixel, [0, n.blocks * 4], (r, s, c) => {
        return byteOf(w[group + ((r * n.kernel_x + s) * n.blocks + (c >> 2)) * 8], c & 3);
      });
    });
  },
});

export const qconv2dDepthwise = kernel("qconv2d_depthwise", {
  writes: ["y"],
  grid: (n) => [Math.ceil((n.images * n.out_height * Math.ceil(n.out_width / 4) * n.blocks) / 64)],
  reference(buffers, n) {
    const { x, w } = buffers;
    eachWord(buffers, n, n.images * n.out_height * n.out_width, n.blocks, (pixel, channel) => {
      return windowSum(x, n, pixel, [channel, 1], (r, s) => {
        return byteOf(w[(r * n.kernel_x + s) * n.blocks + (channel >> 2)], channel & 3);
      });
    });
  },
});

export const qconv2dGrouped = kernel("qconv2d_grouped", {
  writes: ["y"],
  grid: (n) => [Math.ceil((n.pixels * n.out_blocks) / 64)],
  reference(buffers, n) {
    const { x, w } = buffers;
    eachWord(buffers, n, n.pixels, n.out_blocks, (pixel, lane) => {
      const channel = Math.min(lane, n.out_channels - 1);
      const first = Math.floor(channel / n.group_out) * n.group_in;
      return windowSum(x, n, pixel, [first, n.group_in], (r, s, c) => {
        const k = ((channel * n.kernel_y + r) * n.kernel_x + s) * n.group_in + c;
        return byteOf(w[k >> 2], k & 3);
      });
    });
  },
});
