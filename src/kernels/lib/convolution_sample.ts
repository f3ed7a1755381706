// Buckets and samples of dense convolutions, in floats and on codes: both count pixels and blocks of four channels.
import type { Numbers } from "../kernel.ts";
import { edgeOf, shrunk } from "./sample.ts";

/** 16², 64² and 256² pixels; 4, 64 and 256 channels in, 32, 64 and 256 out. */
const edges = { pixels: [256, 4096, 65536], blocks: [1, 16, 64], out_blocks: [8, 16, 64] };

function typical(n: Numbers) {
  return {
    pixels: edgeOf(n.pixels, edges.pixels),
    blocks: edgeOf(n.blocks, edges.blocks),
    out_blocks: edgeOf(n.out_blocks, edges.out_blocks),
    side: n.kernel_y * n.kernel_x === 1 ? 1 : 3,
  };
}

/** `3x3 64-64 4096`: window, channels in and out, and pixels of the largest call of the bucket. */
export function convolutionBucket(numbers: Numbers): string {
  const { pixels, blocks, out_blocks, side } = typical(numbers);
  return `${side}x${side} ${blocks * 4}-${out_blocks * 4} ${pixels}`;
}

/** Multiply-adds, those of padding included. */
export function convolutionWork(n: Numbers): number {
  return n.pixels * n.blocks * n.out_blocks * 16 * n.kernel_y * n.kernel_x;
}

export type ConvolutionSizes = {
  readonly pixels: number;
  /** Channels in and out, in fours. */
  readonly blocks: number;
  readonly out_blocks: number;
  /** Of the square window. */
  readonly side: number;
};

/** Sizes that represent the bucket, reduced to about `work`. */
export function typicalSizes(numbers: Numbers, work: number): ConvolutionSizes {
  const { side, ...whole } = typical(numbers);
  const floors = { pixels: 256, blocks: Math.min(whole.blocks, 4), out_blocks: 8 };
  return { ...shrunk(whole, floors, work / (16 * side * side)), side };
}

/** The numbers that all convolutions share, and the lengths of their buffers in blocks of four channels. */
export function convolutionOver({ pixels: about, blocks, out_blocks, side }: ConvolutionSizes) {
  const width = Math.ceil(Math.sqrt(about));
  const height = Math.ceil(about / width);
  const pixels = width * height;
  const pad = (side - 1) / 2;
  const sizes = { pixels, height, width, blocks, out_height: height, out_width: width, out_blocks };
  const window = { kernel_y: side, kernel_x: side, stride_y: 1, stride_x: 1, dilation_y: 1, dilation_x: 1 };
  return {
    numbers: { ...sizes, ...window, pad_top: pad, pad_left: pad },
    lengths: {
      x: pixels * blocks,
      w: Math.ceil(out_blocks / 2) * side * side * blocks * 8,
      y: pixels * out_blocks,
    },
  };
}
