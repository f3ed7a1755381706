// Split (ONNX Split-13 and newer; Split-2, with attributes, is upgraded on load): one strided copy per output.
import { ModelError } from "../error.ts";
import { copyCalls } from "../kernels/copy_strided.ts";
import { normalAxis } from "../tensor/shape.ts";
import { numbers } from "../tensor/tensor.ts";
import { copyAxes, stridesIn } from "./lowering/layout.ts";
import { splitGradient } from "./gradient/moving.ts";
import { constantInput, int, op, type Operand, optional, requireInput } from "./declare/op.ts";
import { before } from "./declare/part_axes.ts";

export const Split = op({
  since: 13,
  attributes: { axis: int(0), num_outputs: optional(int) },
  planning: { layout: "any", partAxes: ([x], _, a) => before(normalAxis(a.axis, x!.shape.length)) },
  types: "all",
  constantInputs: [1],
  role: { kind: "carries" },
  infer(inputs, a, node) {
    const { dtype, shape } = requireInput(inputs, 0);
    const axis = normalAxis(a.axis, shape.length);
    const given = inputs[1] && numbers(constantInput(inputs, 1, "sizes of parts"));
    const sizes = given ?? equalParts(shape[axis], a.num_outputs ?? node.outputs.length);
    const whole = sizes.reduce((sum, size) => sum + size, 0);
    if (whole !== shape[axis] || sizes.length !== node.outputs.length) {
      throw new ModelError(
        `Cannot split [${shape}] along axis ${axis}: parts are [${sizes}], expected ${node.outputs.length} ` +
          `that make ${shape[axis]}`,
      );
    }
    return sizes.map((size) => ({ dtype, shape: shape.map((dim, i) => i === axis ? size : dim) }));
  },
  gradient: (builder, a) => splitGradient(builder, normalAxis(a.axis, builder.inputs[0]!.shape.length)),
  lower({ inputs, outputs }, attributes) {
    const x = inputs[0] as Operand;
    const axis = normalAxis(attributes.axis, x.shape.length);
    const stride = stridesIn(x)[axis];
    let before = 0;
    return outputs.flatMap((y) => {
      const inStrides = stridesIn(x);
      const axes = copyAxes(y, y).map((one, i) => ({ ...one, inStride: inStrides[i] }));
      const from = before * stride;
      before += y.shape[axis];
      return copyCalls(x, y.buffer, axes, { from });
    });
  },
});

/** Since opset 18 the last part may be smaller. */
function equalParts(whole: number, parts: number): number[] {
  const size = Math.ceil(whole / parts);
  return Array.from({ length: parts }, (_, i) => Math.max(0, Math.min(size, whole - i * size)));
}
