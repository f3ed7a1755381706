// Strides of an operand in its layout. Channels last is only another set of strides, so one strided copy converts.
import { type Axis } from "../kernels/copy_strided.ts";
import { elementCount, type Shape, stridesOf } from "../tensor/shape.ts";
import type { DType } from "../tensor/dtype.ts";
import type { Operand } from "./op.ts";

/** The channel count with its padding: a multiple of four. */
export function paddedChannels(channels: number): number {
  return Math.ceil(channels / 4) * 4;
}

/** How elements stand four to a word: `rows` of `blocks` words that hold `channels` elements. */
export function packing(shape: Shape): { rows: number; channels: number; blocks: number } {
  const channels = shape.length === 4 ? shape[1] : shape.at(-1) ?? 1;
  const rows = channels === 0 ? 0 : elementCount(shape) / channels;
  return { rows, channels, blocks: paddedChannels(channels) / 4 };
}

/** Where element `channel` of row `row` stands among an unpacked operand's words: the numbers of packing kernels. */
export function spread({ shape, layout }: Pick<Operand, "shape" | "layout">): Record<string, number> {
  const { channels } = packing(shape);
  if (shape.length !== 4) return { image: 1, stride_image: channels, stride_row: 0, stride_channel: 1 };
  const image = shape[2] * shape[3];
  const lanes = paddedChannels(channels);
  if (layout === "channels_last") {
    return { image, stride_image: image * lanes, stride_row: lanes, stride_channel: 1 };
  }
  return { image, stride_image: image * channels, stride_row: 1, stride_channel: image };
}

/** The numbers of kernels between packed codes and an operand of one element a word. */
export function packNumbers(unpacked: Operand): Record<string, number> {
  const { rows, channels, blocks } = packing(unpacked.shape);
  // The padding of channels-last words is written too: it must hold finite numbers.
  const lanes = unpacked.layout === "channels_last" ? blocks * 4 : channels;
  const places = spread(unpacked);
  return { tiles: rows / places.image * Math.ceil(places.image / 4) * blocks, lanes, blocks, ...places };
}

/** What packed codes lack to be codes: they are signed. */
export function byteOffset(dtype: DType): number {
  return { uint8: 128, uint4: 8 }[dtype as string] ?? 0;
}

/** Words that an operand takes in its layout. */
export function wordsOf({ shape, layout }: Pick<Operand, "shape" | "layout">): number {
  if (layout === "packed") {
    const { rows, blocks } = packing(shape);
    return rows * blocks;
  }
  const padded = layout === "channels_last" ? [shape[0], paddedChannels(shape[1]), ...shape.slice(2)] : shape;
  return padded.reduce((product, dim) => product * dim, 1);
}

/** Element strides by logical axis. */
export function stridesIn({ shape, layout }: Pick<Operand, "shape" | "layout">): number[] {
  if (layout === "plain") return stridesOf(shape);
  const [image, ...inner] = stridesOf([shape[0], ...shape.slice(2), paddedChannels(shape[1])]);
  return [image, inner.at(-1)!, ...inner.slice(0, -1)];
}

/** The axes of a copy between two operands of one shape; the padding of a channels-last result is filled too. */
export function copyAxes(from: Operand, to: Operand): Axis[] {
  const inStrides = stridesIn(from);
  const outStrides = stridesIn(to);
  return to.shape.map((size, axis) => ({
    count: to.layout === "channels_last" && axis === 1 ? paddedChannels(size) : size,
    size,
    inStride: inStrides[axis],
    outStride: outStrides[axis],
  }));
}

/** Four-element groups of a buffer, for kernels that work on vec4. */
export function quadsOf(operand: Operand): number {
  return Math.ceil(wordsOf(operand) / 4);
}
