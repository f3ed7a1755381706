// ConvInteger (ONNX ConvInteger-10): int32 sums of codes minus their zero points, over one to three axes. Expands to
// an exact integer product per tap; QLinearConv is the fast form.
import { UnsupportedError } from "../error.ts";
import { intAttribute, intsAttribute } from "../graph/attribute.ts";
import type { Name } from "../graph/graph.ts";
import { elementCount } from "../tensor/shape.ts";
import { Conv, convAttributes } from "./conv.ts";
import type { ExpansionBuilder } from "./declare/builder.ts";
import { subtractZeroPoint } from "./mat_mul_integer.ts";
import { op, requireInput } from "./declare/op.ts";
import { type Window, windowOver } from "./lowering/window.ts";

/** Each takes about six nodes. */
const mostProducts = 2 ** 14;

export const ConvInteger = op({
  since: 10,
  attributes: convAttributes,
  types: "numbers",
  role: { kind: "resists" },
  infer(inputs, _, node) {
    const [{ shape }] = Conv.infer([requireInput(inputs, 0), requireInput(inputs, 1)], node);
    return [{ dtype: "int32", shape }];
  },
  expand(builder, { group, ...a }) {
    const [x, w] = builder.inputs;
    const rank = x!.shape.length;
    const window = windowOver(x!.shape.slice(2), w!.shape.slice(2), a);
    const [codes, weights] = [subtractZeroPoint(builder, 0, 0), subtractZeroPoint(builder, 1, 0)];
    const pads = [0, 0, ...window.before, 0, 0, ...window.after];
    const padded = builder.add("Pad", [codes, builder.integers(pads)]);
    const [each, out] = [w!.shape[1], w!.shape[0] / group];
    const products = group * elementCount(window.kernel);
    if (products > mostProducts) {
      throw new UnsupportedError(
        `Cannot expand ${group} groups of [${window.kernel}] taps: expected ${mostProducts} at most in all`,
      );
    }
    const groups = Array.from({ length: group }, (_, g) => {
      const part = sliceAxes(builder, padded, [1], [g * each], [(g + 1) * each], [1]);
      return sumOfTaps(
        builder,
        part,
        sliceAxes(builder, weights, [0], [g * out], [(g + 1) * out], [1]),
        window,
        rank,
      );
    });
    const last = { axis: intAttribute(rank - 1) };
    const sums = groups.length === 1 ? groups[0] : builder.add("Concat", groups, last);
    const back = [0, rank - 1, ...window.out.map((_, i) => i + 1)];
    builder.add("Transpose", [sums], { perm: intsAttribute(back) }, builder.outputs);
  },
});

/** Σ over the taps of x, shifted and channels last, times the tap's [C, O] matrix: [N, …out, O]. */
function sumOfTaps(builder: ExpansionBuilder, x: Name, w: Name, window: Window, rank: number): Name {
  const axes = window.kernel.map((_, i) => i + 2);
  const lastly = intsAttribute([0, ...axes, 1]);
  let sum: Name | undefined;
  for (let tap = 0; tap < elementCount(window.kernel); tap++) {
    const at = placeOf(tap, window.kernel);
    const starts = at.map((place, i) => place * window.dilations[i]);
    const ends = starts.map((start, i) => start + (window.out[i] - 1) * window.strides[i] + 1);
    const shifted = builder.add("Transpose", [sliceAxes(builder, x, axes, starts, ends, window.strides)], {
      perm: lastly,
    });
    const matrix = builder.add("Squeeze", [
      sliceAxes(builder, w, axes, at, at.map((i) => i + 1), at.map(() => 1)),
      builder.integers(axes),
    ]);
    const turned = builder.add("Transpose", [matrix], { perm: intsAttribute([1, 0]) });
    const product = builder.add("MatMul", [shifted, turned]);
    sum = sum === undefined ? product : builder.add("Add", [sum, product]);
  }
  if (sum === undefined) throw new Error(`Invariant: a window of rank ${rank} has a tap`);
  return sum;
}

function placeOf(tap: number, kernel: readonly number[]): number[] {
  const place: number[] = [];
  for (const size of kernel.toReversed()) {
    place.unshift(tap % size);
    tap = Math.floor(tap / size);
  }
  return place;
}

type Numbers = readonly number[];

function sliceAxes(
  builder: ExpansionBuilder,
  x: Name,
  axes: Numbers,
  starts: Numbers,
  ends: Numbers,
  steps: Numbers,
): Name {
  return builder.add("Slice", [x, ...[starts, ends, axes, steps].map((values) => builder.integers(values))]);
}
