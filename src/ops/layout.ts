// Strides of an operand in its layout. Channels last is only another set of strides, so one strided copy converts.
import { type Axis } from "../kernels/copy_strided.ts";
import { stridesOf } from "../tensor/shape.ts";
import type { Operand } from "./op.ts";

/** The channel count with its padding: a multiple of four. */
export function paddedChannels(channels: number): number {
  return Math.ceil(channels / 4) * 4;
}

/** Words that an operand takes in its layout. */
export function wordsOf({ shape, layout }: Pick<Operand, "shape" | "layout">): number {
  const padded = layout === "channels_last"
    ? [shape[0], paddedChannels(shape[1]), shape[2], shape[3]]
    : shape;
  return padded.reduce((product, dim) => product * dim, 1);
}

/** Element strides by logical axis. */
export function stridesIn({ shape, layout }: Pick<Operand, "shape" | "layout">): number[] {
  if (layout === "plain") return stridesOf(shape);
  const lanes = paddedChannels(shape[1]);
  return [shape[2] * shape[3] * lanes, 1, shape[3] * lanes, lanes];
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
