// Where the channels of 4-D values are. ONNX has them first (`plain`), feature maps of XIR last (`last`); values of
// other ranks are plain.
import { elementCount, type Shape, stridesOf } from "../tensor/shape.ts";
import { elements, type Tensor, tensorOver, type TypedArray } from "../tensor/tensor.ts";

export type Layout = "plain" | "last";

/** For each axis in XIR's order, the axis in ONNX's. */
const lastOrder = [0, 2, 3, 1];
const firstOrder = [0, 3, 1, 2];

const isMap = (rank: number, layout: Layout) => layout === "last" && rank === 4;

/** A shape of ONNX in a layout; a scalar becomes [1], because XIR has no shapes without dimensions. */
export function shapeIn(shape: Shape, layout: Layout): number[] {
  if (shape.length === 0) return [1];
  return isMap(shape.length, layout) ? lastOrder.map((axis) => shape[axis]) : [...shape];
}

/** Where an axis of ONNX is in a layout. */
export function axisIn(axis: number, rank: number, layout: Layout): number {
  return isMap(rank, layout) ? firstOrder[axis] : axis;
}

/** One entry per axis of ONNX, in the order of a layout. */
export function listIn<T>(list: readonly T[], layout: Layout): T[] {
  return isMap(list.length, layout) ? lastOrder.map((axis) => list[axis]) : [...list];
}

/** The order of the transposition that converts to this layout. */
export function orderTo(layout: Layout): readonly number[] {
  return layout === "last" ? lastOrder : firstOrder;
}

/** Whether the elements of a shape stay where they are in memory: axes of one element may move freely. */
export function isStill(shape: Shape, order: readonly number[]): boolean {
  const long = order.filter((axis) => shape[axis] > 1);
  return long.every((axis, i) => i === 0 || axis > long[i - 1]);
}

/** Whether a 4-D value of ONNX has the same elements in the same places in both layouts. */
export function isSameInBoth(shape: Shape): boolean {
  return shape.length !== 4 || isStill(shape, lastOrder);
}

/** A tensor whose bytes are computed when they are first read: an inspection needs shapes only. */
function lazyTensor(dtype: Tensor["dtype"], shape: Shape, compute: () => Uint8Array): Tensor {
  let known: Uint8Array | undefined;
  return {
    dtype,
    shape,
    get bytes() {
      return known ??= compute();
    },
  };
}

/** The same elements in another shape. */
export function withShape(tensor: Tensor, shape: Shape): Tensor {
  return lazyTensor(tensor.dtype, shape, () => tensor.bytes);
}

/** The tensor with its axes in this order, and reversed along some of its own axes. */
export function transposeTensor(
  from: Tensor,
  order: readonly number[],
  reversed: readonly number[] = [],
): Tensor {
  const shape = order.map((axis) => from.shape[axis]);
  return lazyTensor(from.dtype, shape, () => transposeElements(from, shape, order, reversed).bytes);
}

function transposeElements(
  from: Tensor,
  shape: Shape,
  order: readonly number[],
  reversed: readonly number[],
): Tensor {
  const strides = stridesOf(from.shape);
  const source = elements(from);
  const result = source.slice();
  const start = reversed.reduce((sum, axis) => sum + (from.shape[axis] - 1) * strides[axis], 0);
  const steps = order.map((axis) => reversed.includes(axis) ? -strides[axis] : strides[axis]);
  const at = new Array<number>(shape.length).fill(0);
  let place = start;
  for (let i = 0, count = elementCount(shape); i < count; i++) {
    result[i] = source[place] as never;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      place += steps[axis];
      if (++at[axis] < shape[axis]) break;
      place -= steps[axis] * shape[axis];
      at[axis] = 0;
    }
  }
  return tensorOver(from.dtype as "float32", shape, result as TypedArray);
}
