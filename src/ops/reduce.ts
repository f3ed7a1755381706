// Reductions. Axes are an input since opset 18 (ReduceSum: 13); older forms, with an attribute, are read as well.
// Neighbouring axes reduce as one; others one after the other.
import { UnsupportedError } from "../error.ts";
import { call } from "../kernels/kernel.ts";
import { reduce, type ReduceKind, reduceKinds } from "../kernels/reduce.ts";
import { elementCount, normalAxis } from "../tensor/shape.ts";
import { numbers } from "../tensor/tensor.ts";
import { int, ints, type Known, op, optional, required, type Role } from "./op.ts";

type Attributes = { axes?: readonly number[]; keepdims: number; noop_with_empty_axes: number };

function reduction(kind: ReduceKind, role: Role = { kind: "resists" }) {
  return op({
    attributes: { axes: optional(ints), keepdims: int(1), noop_with_empty_axes: int(0) },
    role,
    fixed: [1],
    infer(inputs, a, node) {
      const { dtype, shape } = required(inputs, 0, node);
      const axes = axesOf(inputs, a);
      if (a.keepdims) return [{ dtype, shape: shape.map((dim, i) => axes.includes(i) ? 1 : dim) }];
      return [{ dtype, shape: shape.filter((_, i) => !axes.includes(i)) }];
    },
    lower({ inputs, outputs, attributes }) {
      const x = inputs[0]!;
      const axes = axesOf(inputs, attributes).sort((a, b) => a - b);
      const [first, last] = [axes[0] ?? 0, axes.at(-1) ?? -1];
      if (axes.length !== last - first + 1) {
        throw new UnsupportedError(`Cannot reduce over axes [${axes}]: expected neighbouring axes`);
      }
      return [call(reduce, { x: x.buffer, y: outputs[0].buffer }, {
        kind: reduceKinds.indexOf(kind),
        outer: elementCount(x.shape.slice(0, first)),
        count: elementCount(x.shape.slice(first, last + 1)),
        inner: elementCount(x.shape.slice(last + 1)),
      })];
    },
  });
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
