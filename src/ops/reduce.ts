// Reductions. Axes are an input since opset 18 (ReduceSum: 13); older forms, with an attribute, are read as well.
// Neighbouring axes reduce as one; others are moved together first.
import { copyNumbers, copyStrided } from "../kernels/copy_strided.ts";
import { type Call, call, typed, wordTypeOf } from "../kernels/kernel.ts";
import { reduce, type ReduceKind, reduceKinds } from "../kernels/reduce.ts";
import { elementCount, normalAxis, type Shape, stridesOf } from "../tensor/shape.ts";
import { numbers } from "../tensor/tensor.ts";
import { int, ints, type Known, op, type Operand, optional, required, type Role } from "./op.ts";

type Attributes = { axes?: readonly number[]; keepdims: number; noop_with_empty_axes: number };

function reduction(kind: ReduceKind, role: Role = { kind: "resists" }) {
  return op({
    attributes: { axes: optional(ints), keepdims: int(1), noop_with_empty_axes: int(0) },
    role,
    fixed: [1],
    infer(inputs, a) {
      const { dtype, shape } = required(inputs, 0);
      const axes = axesOf(inputs, a);
      if (a.keepdims) return [{ dtype, shape: shape.map((dim, i) => axes.includes(i) ? 1 : dim) }];
      return [{ dtype, shape: shape.filter((_, i) => !axes.includes(i)) }];
    },
    lower({ inputs, outputs, attributes, scratch }) {
      const x = inputs[0]!;
      const axes = axesOf(inputs, attributes).sort((a, b) => a - b);
      const [first, last] = [axes[0] ?? 0, axes.at(-1) ?? -1];
      const reduced = (buffer: string, outer: Shape, along: Shape, inner: Shape) =>
        call(reduce, { x: buffer, y: outputs[0].buffer }, {
          kind: reduceKinds.indexOf(kind),
          outer: elementCount(outer),
          count: elementCount(along),
          inner: elementCount(inner),
        });
      if (axes.length === last - first + 1) {
        const [before, after] = [x.shape.slice(0, first), x.shape.slice(last + 1)];
        return [reduced(x.buffer, before, x.shape.slice(first, last + 1), after)];
      }
      const kept = x.shape.map((_, i) => i).filter((i) => !axes.includes(i));
      const moved = scratch(elementCount(x.shape));
      const sizes = (which: readonly number[]) => which.map((axis) => x.shape[axis]);
      return [moveAxes(x, [...kept, ...axes], moved), reduced(moved, sizes(kept), sizes(axes), [])];
    },
  });
}

/** x with its axes in this order, as a copy. */
function moveAxes({ buffer, dtype, shape }: Operand, order: readonly number[], y: string): Call {
  const inStrides = stridesOf(shape);
  const outStrides = stridesOf(order.map((axis) => shape[axis]));
  const axes = order.map((axis, i) => ({
    count: shape[axis],
    inStride: inStrides[axis],
    outStride: outStrides[i],
  }));
  return call(typed(copyStrided, wordTypeOf(dtype)), { x: buffer, y }, copyNumbers(axes));
}

function axesOf(inputs: readonly (Known | undefined)[], a: Attributes): number[] {
  const rank = inputs[0]!.shape.length;
  const given = inputs[1]?.constant ? numbers(inputs[1].constant) : a.axes ?? [];
  if (given.length === 0) return a.noop_with_empty_axes ? [] : Array.from({ length: rank }, (_, i) => i);
  return given.map((axis) => normalAxis(axis, rank));
}

export const ReduceMean = reduction("mean", { kind: "joins" });
export const ReduceSum = reduction("sum");
export const ReduceMax = reduction("max");
export const ReduceMin = reduction("min");
export const ReduceProd = reduction("product");
export const ReduceL1 = reduction("l1");
export const ReduceL2 = reduction("l2");
export const ReduceSumSquare = reduction("sumOfSquares");
