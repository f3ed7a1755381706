// Activations. Clip is in clip.ts, because its bounds are inputs.
import { UnsupportedError } from "../error.ts";
import { unlimited } from "./lowering/clamp.ts";
import { tableOnCodes } from "./halftone/code_table.ts";
import { allOnCodes } from "./declare/on_codes.ts";
import { float, type Op, op, type Operand, text } from "./declare/op.ts";
import { everyElement } from "./declare/part_axes.ts";
import { expandGelu, expandHardSwish, expandMish, expandSwish } from "./patterns/downgrades.ts";
import { elementwise, sameAsInput, unaryCall } from "./unary.ts";
import { unaryGradients } from "./halftone/unary_gradient.ts";

export const Relu = elementwise("clamp", {
  role: { kind: "follows" },
  integer: "relu",
  clamp: [0, unlimited],
});
export const LeakyRelu = elementwise("leaky", {
  role: { kind: "joins" },
  attributes: { alpha: float(0.01) },
  parameters: (a) => [a.alpha, 0],
  onCodesInFiles: allOnCodes("QLinearLeakyRelu"),
});
export const HardSigmoid = elementwise("hardSigmoid", {
  attributes: { alpha: float(0.2), beta: float(0.5) },
  parameters: (a) => [a.alpha, a.beta],
});
export const HardSwish = elementwise("hardSwish", {
  role: { kind: "joins" },
  since: 14,
  downgrade: expandHardSwish,
});
export const Sigmoid = elementwise("sigmoid", { onCodesInFiles: allOnCodes("QLinearSigmoid") });
export const Tanh = elementwise("tanh");
// For float16 at opset 18, ONNX Runtime computes log(exp(x) + 1) in float16: infinite from x = 12 on.
export const Softplus = elementwise("softplus", { float32Only: true });
export const Softsign = elementwise("softsign");
export const Mish = elementwise("mish", { since: 18, downgrade: expandMish });
export const Swish = elementwise("swish", {
  since: 24,
  // ONNX Runtime 1.30 loads no file with this operator.
  missing: true,
  downgrade: (builder, { alpha }) => expandSwish(builder, { alpha }),
  attributes: { alpha: float(1) },
  parameters: (a) => [a.alpha, 0],
});
export const ThresholdedRelu = elementwise("threshold", {
  attributes: { alpha: float(1) },
  parameters: (a) => [a.alpha, 0],
});
export const Shrink = elementwise("shrink", {
  attributes: { lambd: float(0.5), bias: float(0) },
  parameters: (a) => [a.lambd, a.bias],
});
export const Elu = elementwise("elu", {
  attributes: { alpha: float(1) },
  parameters: (a) => [a.alpha, 1],
});
export const Celu = elementwise("celu", {
  attributes: { alpha: float(1) },
  parameters: (a) => [a.alpha, 0],
});
/** The defaults are ONNX's. */
export const Selu = elementwise("elu", {
  attributes: { alpha: float(1.67326319217681884765625), gamma: float(1.05070102214813232421875) },
  parameters: (a) => [a.alpha * a.gamma, a.gamma],
});

export const Gelu: Op = op({
  since: 20,
  attributes: { approximate: text("none") },
  planning: { layout: "any", partAxes: everyElement },
  role: { kind: "resists" },
  quantization: { onCodes: tableOnCodes(() => Gelu) },
  infer: sameAsInput,
  downgrade: expandGelu,
  gradient: (builder, { approximate }) =>
    unaryGradients(approximate === "tanh" ? "geluTanh" : "gelu")(builder),
  lower({ inputs, outputs }, { approximate }) {
    if (approximate !== "none" && approximate !== "tanh") {
      throw new UnsupportedError(
        `Cannot lower Gelu: approximate is "${approximate}", expected "none" or "tanh"`,
      );
    }
    return [unaryCall(approximate === "tanh" ? "geluTanh" : "gelu", inputs[0] as Operand, outputs[0])];
  },
});
