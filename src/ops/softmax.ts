// Softmax-13, LogSoftmax-13 and Hardmax-13: along one axis. Older forms flatten to two dimensions; they are upgraded on
// load.
import { call } from "../kernels/kernel.ts";
import { softmax, type SoftmaxKind, softmaxKinds, softmaxRows } from "../kernels/softmax.ts";
import { elementCount, normalAxis } from "../tensor/shape.ts";
import type { GradientBuilder } from "./declare/builder.ts";
import { noGradient } from "./gradient/binary.ts";
import { int, op, requireInput } from "./declare/op.ts";
import { logSoftmaxGradient, softmaxGradient } from "./gradient/reduce.ts";
import { before } from "./declare/part_axes.ts";

function alongAxis(name: SoftmaxKind, gradient: (builder: GradientBuilder, axis: number) => void) {
  const kind = softmaxKinds.indexOf(name);
  return op({
    since: 13,
    attributes: { axis: int(-1) },
    role: { kind: "resists" },
    runtime: {
      // Its table of exponentials is too coarse for small scales: with a scale of 0.003 every result was 0.
      differs: () =>
        name === "softmax"
          ? "ONNX Runtime's softmax of codes (QLinearSoftmax) is another function"
          : undefined,
    },
    algebra: { softmaxOf: name === "hardmax" ? undefined : 0 },
    planning: { partAxes: ([x], _, a) => before(normalAxis(a.axis, x!.shape.length)) },
    gradient: (builder, a) => gradient(builder, normalAxis(a.axis, builder.outputs[0].shape.length)),
    infer(inputs, a) {
      const { dtype, shape } = requireInput(inputs, 0);
      normalAxis(a.axis, shape.length);
      return [{ dtype, shape }];
    },
    lower({ inputs, outputs }, attributes) {
      const { shape } = outputs[0];
      const axis = normalAxis(attributes.axis, shape.length);
      const [before, after] = [shape.slice(0, axis), shape.slice(axis + 1)].map(elementCount);
      const count = shape[axis] ?? 1;
      const buffers = { x: inputs[0]!.buffer, y: outputs[0].buffer };
      // Rows of at least a workgroup's width keep its threads busy.
      if (after === 1 && count >= 64 && name !== "hardmax") {
        return [call(softmaxRows, buffers, { kind, rows: before, count })];
      }
      return [call(softmax, buffers, { kind, outer: before, count, inner: after })];
    },
  });
}

export const Softmax = alongAxis("softmax", softmaxGradient);
export const LogSoftmax = alongAxis("logarithm", logSoftmaxGradient);
export const Hardmax = alongAxis("hardmax", noGradient);
