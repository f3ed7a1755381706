// Slice (ONNX Slice-10 and newer; the older form, with attributes, is upgraded on load).
import type { StaticValue } from "../graph/graph.ts";
import { copyCalls } from "../kernels/copy_strided.ts";
import { normalAxis } from "../tensor/shape.ts";
import { numbers } from "../tensor/tensor.ts";
import { copyAxes, stridesIn } from "./lowering/layout.ts";
import { sliceGradient } from "./gradient/moving.ts";
import { constantInput, op, type Operand, requireInput } from "./declare/op.ts";
import { beforeFirst } from "./declare/part_axes.ts";

type Cut = { start: number; step: number; count: number };

export const Slice = op({
  since: 10,
  planning: {
    layout: "any",
    partAxes(inputs) {
      const { shape } = inputs[0]!;
      const cuts = cutsOf(inputs);
      return beforeFirst(shape, (axis) => cuts[axis].step === 1 && cuts[axis].count === shape[axis]);
    },
  },
  types: "all",
  constantInputs: [1, 2, 3, 4],
  role: { kind: "carries" },
  infer(inputs) {
    const { dtype } = requireInput(inputs, 0);
    return [{ dtype, shape: cutsOf(inputs).map((cut) => cut.count) }];
  },
  gradient: (builder) => sliceGradient(builder, cutsOf(builder.inputs)),
  lower({ inputs, outputs }) {
    const x = inputs[0] as Operand;
    const cuts = cutsOf(inputs);
    const strides = stridesIn(x);
    const axes = copyAxes(x, outputs[0]).map((axis, i) => ({ ...axis, inStride: strides[i] * cuts[i].step }));
    const offset = cuts.reduce((sum, cut, i) => sum + cut.start * strides[i], 0);
    return copyCalls(x, outputs[0].buffer, axes, { from: offset });
  },
});

/** What is kept along each axis; step is not 0. */
export function cutsOf(inputs: readonly (StaticValue | undefined)[]): Cut[] {
  const shape = inputs[0]!.shape;
  const read = (index: number, what: string) => numbers(constantInput(inputs, index, what));
  const starts = read(1, "slice starts");
  const ends = read(2, "slice ends");
  const axes = inputs[3] ? read(3, "slice axes") : starts.map((_, i) => i);
  const steps = inputs[4] ? read(4, "slice steps") : starts.map(() => 1);
  const cuts: Cut[] = shape.map((count) => ({ start: 0, step: 1, count }));
  axes.forEach((axis, i) => {
    const at = normalAxis(axis, shape.length);
    if (!steps[i]) throw new RangeError(`step ${i} is ${steps[i]}, expected a number other than 0`);
    cuts[at] = cutOf(shape[at], starts[i], ends[i], steps[i]);
  });
  return cuts;
}

/** NumPy's rules: negative positions count from the end, then everything is clamped to the axis. */
function cutOf(size: number, start: number, end: number, step: number): Cut {
  const clamp = (at: number, low: number, high: number) =>
    Math.min(Math.max(at < 0 ? at + size : at, low), high);
  const first = step > 0 ? clamp(start, 0, size) : clamp(start, 0, size - 1);
  const last = step > 0 ? clamp(end, 0, size) : clamp(end, -1, size - 1);
  return { start: first, step, count: Math.max(0, Math.ceil((last - first) / step)) };
}
