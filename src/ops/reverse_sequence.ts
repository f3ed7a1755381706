// ReverseSequence (ONNX ReverseSequence-10 and newer).
import { ModelError } from "../error.ts";
import { call, withElement, wordTypeOf } from "../kernels/kernel.ts";
import { reverseSequence } from "../kernels/reverse_sequence.ts";
import { elementCount } from "../tensor/shape.ts";
import { int, op, type Operand, requireInput } from "./declare/op.ts";

export const ReverseSequence = op({
  since: 10,
  attributes: { batch_axis: int(1), time_axis: int(0) },
  types: "all",
  role: { kind: "carries" },
  infer(inputs, { batch_axis, time_axis }) {
    const { dtype, shape } = requireInput(inputs, 0);
    const lengths = requireInput(inputs, 1).shape;
    const fits = shape.length >= 2 && [batch_axis, time_axis].sort().join() === "0,1" &&
      lengths.join() === String(shape[batch_axis]);
    if (!fits) {
      throw new ModelError(
        `Cannot reverse [${shape}] by [${lengths}] lengths: batch_axis is ${batch_axis}, time_axis ${time_axis}`,
      );
    }
    return [{ dtype, shape }];
  },
  lower({ inputs, outputs }, { batch_axis, time_axis }) {
    const [x, lengths] = inputs as Operand[];
    const buffers = { x: x.buffer, lengths: lengths.buffer, y: outputs[0].buffer };
    return [call(withElement(reverseSequence, wordTypeOf(x.dtype)), buffers, {
      batch: x.shape[batch_axis],
      time: x.shape[time_axis],
      inner: elementCount(x.shape.slice(2)),
      time_first: Number(time_axis === 0),
    })];
  },
});
