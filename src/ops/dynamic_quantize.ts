// DynamicQuantizeLinear (ONNX DynamicQuantizeLinear-11): x → uint8 codes, scale and zero point of the range of x,
// extended to contain zero: scale = (max − min) / 255, zero point = saturate(round(−min / scale)).
import { dtypes } from "../tensor/dtype.ts";
import { intAttribute } from "../graph/attribute.ts";
import { op, requireInput } from "./declare/op.ts";

export const DynamicQuantizeLinear = op({
  since: 11,
  role: { kind: "resists" },
  infer(inputs) {
    const { dtype, shape } = requireInput(inputs, 0);
    return [{ dtype: "uint8", shape }, { dtype, shape: [] }, { dtype: "uint8", shape: [] }];
  },
  expand({ inputs, outputs, add, scalar }) {
    const x = inputs[0]!.name;
    const whole = { keepdims: intAttribute(0) };
    const zero = scalar(0);
    const low = add("Min", [add("ReduceMin", [x], whole), zero]);
    const high = add("Max", [add("ReduceMax", [x], whole), zero]);
    const [codes, scale, zeroPoint] = [0, 1, 2].map((i) => outputs[i] ? [outputs[i]] : undefined);
    const reach = add("Sub", [high, low]);
    // For all zeros, ONNX Runtime's scale is 1.
    const steps = add("Where", [add("Equal", [reach, zero]), scalar(255), reach]);
    const step = add("Div", [steps, scalar(255)], {}, scale);
    const place = add("Round", [add("Div", [add("Neg", [low]), step])]);
    const to = { to: intAttribute(dtypes.indexOf("uint8")) };
    const middle = add("Cast", [add("Clip", [place, zero, scalar(255)])], to, zeroPoint);
    add("QuantizeLinear", [x, step, middle], {}, codes);
  },
});
