// Concat (ONNX Concat-4 and newer): one strided copy per input.
import { ModelError } from "../error.ts";
import { copyCalls } from "../kernels/copy_strided.ts";
import { normalAxis } from "../tensor/shape.ts";
import { padChannels, stridesIn } from "./lowering/layout.ts";
import { concatGradient } from "./gradient/moving.ts";
import { joinOnCodes } from "./declare/on_codes.ts";
import { int, op, type Operand, requireInput } from "./declare/op.ts";

export const Concat = op({
  since: 4,
  attributes: { axis: int() },
  planning: { layout: "any", partAxes: (_, [y], a) => ({ axes: normalAxis(a.axis, y.shape.length) }) },
  types: "all",
  role: { kind: "joins", meets: "concatenation" },
  quantization: { onCodes: joinOnCodes("QLinearConcat") },
  infer(inputs, a) {
    const first = requireInput(inputs, 0);
    const axis = normalAxis(a.axis, first.shape.length);
    const shape = [...first.shape];
    for (let i = 1; i < inputs.length; i++) {
      const input = requireInput(inputs, i);
      const fits = input.shape.length === shape.length &&
        input.shape.every((dim, k) => k === axis || dim === shape[k]);
      if (!fits) {
        throw new ModelError(`Cannot concatenate [${first.shape}] and [${input.shape}] along axis ${axis}`);
      }
      shape[axis] += input.shape[axis];
    }
    return [{ dtype: first.dtype, shape }];
  },
  gradient: (builder, a) => concatGradient(builder, normalAxis(a.axis, builder.outputs[0].shape.length)),
  lower({ inputs, outputs }, attributes) {
    const [y] = outputs;
    const axis = normalAxis(attributes.axis, y.shape.length);
    const outStrides = stridesIn(y);
    let before = 0;
    return (inputs as Operand[]).flatMap((x, i) => {
      const inStrides = stridesIn(x);
      const last = i === inputs.length - 1 || axis !== 1;
      const spare = y.layout === "channels_last" && last ? padChannels(y.shape[1]) - y.shape[1] : 0;
      const axes = x.shape.map((size, k) => ({
        count: k === 1 ? size + spare : size,
        size,
        inStride: inStrides[k],
        outStride: outStrides[k],
      }));
      const to = before * outStrides[axis];
      before += x.shape[axis];
      return copyCalls(x, y.buffer, axes, { to });
    });
  },
});
