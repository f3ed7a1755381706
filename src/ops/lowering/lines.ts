// Lines of an operand along some of its axes, for reductions. Neighboring axes form one line, and so do the channels
// or the pixels of channels last; other axes are transposed first.
import { copyCalls } from "../../kernels/copy_strided.ts";
import { type Call, wordTypeOf } from "../../kernels/kernel.ts";
import type { Lines } from "../../kernels/reduce.ts";
import { elementCount, sameShape, type Shape, stridesOf } from "../../tensor/shape.ts";
import { copyAxes, padChannels, stridesIn } from "./layout.ts";
import type { Operand, Scratch } from "../declare/op.ts";

type Made = (x: string, y: string, lines: Lines) => Call;

/** The calls that reduce x along `axes` (ascending) to y, one result per line, in any layouts. */
export function alongLines(
  x: Operand,
  y: Operand,
  axes: readonly number[],
  scratch: Scratch,
  make: Made,
): Call[] {
  const image = imageLines(x, axes, y.layout === "channels_last");
  if (image) return [make(x.buffer, y.buffer, image)];
  const arranged = channelLines(x, axes) ?? wholeLine(x, axes) ?? neighbourLines(x, axes);
  const source = arranged ? x.buffer : scratch(elementCount(x.shape), wordTypeOf(x.dtype));
  const moved = arranged ? [] : moveAxes(x, axes, source);
  const lines = arranged ?? linesOf(x.shape.filter((_, i) => !axes.includes(i)), sizesOf(x, axes), []);
  if (y.layout === "plain") return [...moved, make(source, y.buffer, lines)];
  const result: Operand = {
    ...y,
    layout: "plain",
    buffer: scratch(elementCount(y.shape), wordTypeOf(y.dtype)),
  };
  return [...moved, make(source, result.buffer, lines), ...copyCalls(result, y.buffer, copyAxes(result, y))];
}

const sizesOf = ({ shape }: Operand, axes: readonly number[]) => axes.map((axis) => shape[axis]);

function linesOf(before: Shape, along: Shape, after: Shape): Lines {
  const [outer, count, inner] = [before, along, after].map(elementCount);
  return { outer, count, inner, outer_stride: count * inner, stride: inner };
}

/** The spatial axes of a value. */
export function imageAxes({ shape }: Pick<Operand, "shape">): number[] {
  return [...shape.keys()].slice(2);
}

/** Lines of all pixels in channels last, per image or over all; `padded`: the result has padding channels, too. */
export function imageLines(x: Operand, axes: readonly number[], padded: boolean): Lines | undefined {
  if (x.layout !== "channels_last") return undefined;
  const isOfAll = sameShape(axes, [0, ...imageAxes(x)]);
  if (!isOfAll && !sameShape(axes, imageAxes(x))) return undefined;
  const [images, channels, ...image] = x.shape;
  const [lanes, pixels] = [padChannels(channels), elementCount(image)];
  const [outer, count] = isOfAll ? [1, images * pixels] : [images, pixels];
  return { outer, count, inner: padded ? lanes : channels, outer_stride: count * lanes, stride: lanes };
}

/** One line of all elements, if no channel is padding. */
function wholeLine(x: Operand, axes: readonly number[]): Lines | undefined {
  if (x.layout !== "channels_last" || axes.length < x.shape.length || x.shape[1] % 4 !== 0) return undefined;
  return linesOf([], x.shape, []);
}

function channelLines(x: Operand, axes: readonly number[]): Lines | undefined {
  if (x.layout !== "channels_last" || axes.join() !== "1") return undefined;
  const [images, count, ...image] = x.shape;
  return {
    outer: images * elementCount(image),
    count,
    inner: 1,
    outer_stride: padChannels(count),
    stride: 1,
  };
}

function neighbourLines(x: Operand, axes: readonly number[]): Lines | undefined {
  const [first, last] = [axes[0] ?? 0, axes.at(-1) ?? -1];
  if (x.layout !== "plain" || axes.length !== last - first + 1) return undefined;
  return linesOf(x.shape.slice(0, first), sizesOf(x, axes), x.shape.slice(last + 1));
}

/** x row-major with `axes` last, copied to y. */
function moveAxes(x: Operand, axes: readonly number[], y: string): Call[] {
  const order = [...x.shape.keys()].filter((axis) => !axes.includes(axis)).concat(axes);
  const inStrides = stridesIn(x);
  const outStrides = stridesOf(order.map((axis) => x.shape[axis]));
  const moved = order.map((axis, i) => ({
    count: x.shape[axis],
    inStride: inStrides[axis],
    outStride: outStrides[i],
  }));
  return copyCalls(x, y, moved);
}
