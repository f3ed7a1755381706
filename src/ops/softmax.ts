// Softmax-13 and LogSoftmax-13: along one axis. Older forms flatten to two dimensions; they are upgraded on load.
import { call } from "../kernels/kernel.ts";
import { softmax } from "../kernels/softmax.ts";
import { elementCount, normalAxis } from "../tensor/shape.ts";
import { int, op, required } from "./op.ts";

function alongAxis(logarithm: number) {
  return op({
    since: 13,
    attributes: { axis: int(-1) },
    role: { kind: "resists" },
    infer(inputs, a) {
      const { dtype, shape } = required(inputs, 0);
      normalAxis(a.axis, shape.length);
      return [{ dtype, shape }];
    },
    lower({ inputs, outputs, attributes }) {
      const { shape } = outputs[0];
      const axis = normalAxis(attributes.axis, shape.length);
      return [call(softmax, { x: inputs[0]!.buffer, y: outputs[0].buffer }, {
        logarithm,
        outer: elementCount(shape.slice(0, axis)),
        count: shape[axis],
        inner: elementCount(shape.slice(axis + 1)),
      })];
    },
  });
}

export const Softmax = alongAxis(0);
export const LogSoftmax = alongAxis(1);
