// ArgMax and ArgMin (ONNX 1 and newer): the index of the greatest or least element along an axis.
import { ModelError } from "../error.ts";
import { argReduce } from "../kernels/arg_reduce.ts";
import { call, withElement, wordTypeOf } from "../kernels/kernel.ts";
import { normalAxis } from "../tensor/shape.ts";
import { alongLines } from "./lowering/lines.ts";
import { int, op, requireInput } from "./declare/op.ts";
import { before } from "./declare/part_axes.ts";
import { withoutAxes } from "./reduce.ts";

function place(least: number) {
  return op({
    attributes: { axis: int(0), keepdims: int(1), select_last_index: int(0) },
    role: { kind: "resists" },
    planning: { partAxes: ([x], _, a) => before(normalAxis(a.axis, x!.shape.length)), layout: "any" },
    types: "numbers",
    infer(inputs, a) {
      const { shape } = requireInput(inputs, 0);
      const axis = normalAxis(a.axis, shape.length);
      if (shape[axis] === 0) {
        throw new ModelError(`Cannot find an index in [${shape}]: axis ${axis} is empty`);
      }
      return [{ dtype: "int64", shape: withoutAxes(shape, [axis], a.keepdims === 1) }];
    },
    lower({ inputs, outputs: [y], scratch }, a) {
      const x = inputs[0]!;
      const kernel = withElement(argReduce, wordTypeOf(x.dtype));
      const axes = x.shape.length === 0 ? [] : [normalAxis(a.axis, x.shape.length)];
      return alongLines(
        x,
        y,
        axes,
        scratch,
        (from, to, lines) => call(kernel, { x: from, y: to }, { least, last: a.select_last_index, ...lines }),
      );
    },
  });
}

export const ArgMax = place(0);
export const ArgMin = place(1);
