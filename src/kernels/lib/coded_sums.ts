// Convolutions of codes: signed bytes four to a word, int32 sums, requantized as ONNX Runtime's QLinearConv does.
import { roundHalfEven } from "../../tensor/round.ts";
import type { Numbers, Words } from "../kernel.ts";
import { byteOf, bytesOf, packBytes, unpackNibbles } from "./bytes.ts";

/** round(sum · multiplier) in float32, clamped, plus the zero point. */
export function requantize(sum: number, multiplier: number, n: Numbers): number {
  const code = roundHalfEven(Math.fround(Math.fround(sum) * multiplier));
  return Math.min(Math.max(code, n.low), n.high) + n.zero;
}

type Buffers = Readonly<Record<string, Words>>;
/** Σ x·w of one output pixel and channel. */
type SumOf = (pixel: number, channel: number) => number;

/** Fills y word by word from the sums of its four channels. */
export function fillCodes(
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
        bytes[lane] = requantize((bias[channel] + sumOf(pixel, channel)) | 0, multiplier[channel], n);
      }
      y[pixel * blocks + block] = packBytes(bytes);
    }
  }
}

type Part = {
  /** First input channel of an output channel, and the number of input channels. */
  readonly from: (channel: number) => number;
  readonly channels: number;
  /** Where the weights of an output channel begin, and the bytes from one tap or input channel to the next. */
  readonly weights: (channel: number) => number;
  readonly tapStride: number;
  readonly step: (c: number) => number;
  /** See `nibblesApart`. */
  readonly apart: number;
};

/** The sums of a window over some of the channels. */
export function windowSums(buffers: Buffers, n: Numbers, part: Part): SumOf {
  const x = bytesOf(buffers.x);
  const w = bytesOf(n.nibbles ? unpackNibbles(buffers.w, part.apart) : buffers.w);
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
