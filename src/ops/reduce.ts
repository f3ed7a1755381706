// Reductions. Axes are an input since opset 18 (ReduceSum: 13); older forms, with an attribute, are supported as
// well.
import type { StaticValue } from "../graph/graph.ts";
import { call, withElement, type WordType, wordTypeOf } from "../kernels/kernel.ts";
import { bitsOf, type Lines, reduce, type ReduceKind, reduceKinds, reduceRows } from "../kernels/reduce.ts";
import { bitsPerElement, codeRange, type DType } from "../tensor/dtype.ts";
import { distinctAxes } from "../tensor/shape.ts";
import { numbers } from "../tensor/tensor.ts";
import type { GradientBuilder } from "./declare/builder.ts";
import { alongLines } from "./lowering/lines.ts";
import { type ElementKinds, int, ints, op, optional, requireInput } from "./declare/op.ts";
import {
  extremumGradient,
  l1Gradient,
  l2Gradient,
  logSumExpGradient,
  logSumGradient,
  meanGradient,
  sumGradient,
  sumOfSquaresGradient,
} from "./gradient/reduce.ts";
import type { Role } from "./declare/role.ts";
import { before } from "./declare/part_axes.ts";

export const reduceAttributes = { axes: optional(ints), keepdims: int(1), noop_with_empty_axes: int(0) };
type Attributes = { axes?: readonly number[]; keepdims: number; noop_with_empty_axes: number };
type Along = (builder: GradientBuilder, axes: readonly number[]) => void;
type Traits = { role?: Role; types?: ElementKinds; plain?: boolean; gradient?: Along };

function reduction(
  kind: ReduceKind,
  { role = { kind: "resists" }, types = "numbers", plain, gradient }: Traits = {},
) {
  return op({
    attributes: reduceAttributes,
    role,
    types,
    planning: {
      // Padding channels may hold zeros, whose logarithms are not finite.
      layout: plain ? "plain" : "any",
      partAxes: (inputs, _, a) => before(Math.min(inputs[0]!.shape.length, ...axesOf(inputs, a))),
    },
    constantInputs: [1],
    gradient: gradient && ((builder, a) => gradient(builder, axesOf(builder.inputs, a))),
    infer(inputs, a) {
      const { dtype, shape } = requireInput(inputs, 0);
      const axes = axesOf(inputs, a);
      return [{ dtype, shape: withoutAxes(shape, axes, a.keepdims === 1) }];
    },
    lower({ inputs, outputs: [y], scratch }, attributes) {
      const x = inputs[0]!;
      const type = wordTypeOf(x.dtype);
      const empty = bitsOf(ofNothing(kind, x.dtype, type), type);
      return alongLines(
        x,
        y,
        axesOf(inputs, attributes),
        scratch,
        (from, to, lines) =>
          call(withElement(isLong(lines) ? reduceRows : reduce, type), { x: from, y: to }, {
            kind: reduceKinds.indexOf(kind),
            empty,
            ...lines,
          }),
      );
    },
  });
}

/** The shape without the reduced axes, or with size 1 there. */
export function withoutAxes(shape: readonly number[], axes: readonly number[], keeps: boolean): number[] {
  if (keeps) return shape.map((dim, i) => axes.includes(i) ? 1 : dim);
  return shape.filter((_, i) => !axes.includes(i));
}

/** The reduced axes in ascending order. */
export function axesOf(inputs: readonly (StaticValue | undefined)[], a: Attributes): number[] {
  const rank = inputs[0]!.shape.length;
  const given = inputs[1]?.constant ? numbers(inputs[1].constant) : a.axes ?? [];
  if (given.length === 0) return a.noop_with_empty_axes ? [] : Array.from({ length: rank }, (_, i) => i);
  return distinctAxes(given, rank).sort((x, y) => x - y);
}

/**
 * Whether to use one workgroup per line: its elements are contiguous, or there are too few lines to occupy a device
 * with one thread each.
 */
function isLong({ outer, count, inner, stride }: Lines): boolean {
  return count >= 128 && (stride === 1 || outer * inner < 1024);
}

/** The result of an empty reduction (ONNX: "reduction over an empty set"). */
function ofNothing(kind: ReduceKind, dtype: DType, type: WordType): number {
  if (kind === "product") return 1;
  if (kind === "mean") return NaN;
  if (kind === "logSum" || kind === "logSumExp") return -Infinity;
  if (kind !== "max" && kind !== "min") return 0;
  if (type === "f32") return kind === "max" ? -Infinity : Infinity;
  const bits = dtype === "bool" ? 1 : Math.min(bitsPerElement(dtype), 32);
  const [low, high] = codeRange(bits, type === "i32" && !/^(uint|bool)/.test(dtype));
  return kind === "max" ? low : high;
}

export const ReduceMean = reduction("mean", { role: { kind: "joins", data: 1 }, gradient: meanGradient });
export const ReduceSum = reduction("sum", { gradient: sumGradient });
export const ReduceMax = reduction("max", { types: "all", gradient: extremumGradient });
export const ReduceMin = reduction("min", { types: "all", gradient: extremumGradient });
export const ReduceProd = reduction("product");
export const ReduceL1 = reduction("l1", { gradient: l1Gradient });
export const ReduceL2 = reduction("l2", { gradient: l2Gradient });
export const ReduceSumSquare = reduction("sumOfSquares", { gradient: sumOfSquaresGradient });
export const ReduceLogSum = reduction("logSum", { plain: true, gradient: logSumGradient });
export const ReduceLogSumExp = reduction("logSumExp", { gradient: logSumExpGradient });
