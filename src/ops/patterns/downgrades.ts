// How to write operators for opsets that do not have them yet, as ONNX's function bodies and exporters do.
import { floatAttribute, intAttribute, intsAttribute } from "../../graph/attribute.ts";
import type { Name } from "../../graph/graph.ts";
import type { OpenBuilder } from "../declare/builder.ts";

/** x · hardsigmoid(x / 6 + 1/2), before opset 14. */
export function expandHardSwish(builder: OpenBuilder) {
  const { inputs: [x], outputs, add } = builder;
  const gate = add("HardSigmoid", [x!.name], { alpha: floatAttribute(1 / 6), beta: floatAttribute(0.5) });
  add("Mul", [x!.name, gate], {}, outputs);
}

/** x · sigmoid(alpha · x), before opset 24. */
export function expandSwish(builder: OpenBuilder, { alpha }: { readonly alpha: number }) {
  const { inputs: [x], outputs, add } = builder;
  const steep = alpha === 1 ? x!.name : add("Mul", [x!.name, builder.scalar(alpha)]);
  add("Mul", [x!.name, add("Sigmoid", [steep])], {}, outputs);
}

/** x · tanh(softplus(x)), before opset 18. */
export function expandMish({ inputs: [x], outputs, add }: OpenBuilder) {
  add("Mul", [x!.name, add("Tanh", [add("Softplus", [x!.name])])], {}, outputs);
}

/** Before opset 20, in the order that ONNX Runtime fuses. */
export function expandGelu(builder: OpenBuilder, { approximate }: { readonly approximate: string }) {
  const { inputs: [x], outputs, add } = builder;
  const number = (value: number) => builder.scalar(value);
  const part = approximate === "tanh"
    ? add("Tanh", [add("Mul", [
      add("Add", [
        x!.name,
        add("Mul", [add("Pow", [x!.name, number(3)]), number(0.044715)]),
      ]),
      number(Math.sqrt(2 / Math.PI)),
    ])])
    : add("Erf", [add("Div", [x!.name, number(Math.SQRT2)])]);
  const whole = add("Mul", [x!.name, add("Add", [part, number(1)])]);
  add("Mul", [whole, number(0.5)], {}, outputs);
}

type Normalization = { readonly axis: number; readonly epsilon: number };

/**
 * LayerNormalization before opset 17, RMSNormalization (not `centered`) before 23; one output, axes counted from the
 * end.
 */
export function expandNormalization(
  builder: OpenBuilder,
  centered: boolean,
  a: Normalization,
): boolean | void {
  const { inputs: [x, scale, bias], outputs, add } = builder;
  const rank = x!.shape?.length;
  const first = a.axis < 0 ? a.axis : rank === undefined ? 0 : a.axis - rank;
  if (first >= 0 || outputs.slice(1).some((name) => name !== "")) return false;
  const axes = Array.from({ length: -first }, (_, i) => first + i);
  const mean = (name: Name) =>
    builder.opset < 18
      ? add("ReduceMean", [name], { axes: intsAttribute(axes), keepdims: intAttribute(1) })
      : add("ReduceMean", [name, builder.integers(axes)], { keepdims: intAttribute(1) });
  const middle = centered ? add("Sub", [x!.name, mean(x!.name)]) : x!.name;
  const power = mean(add("Pow", [middle, builder.scalar(2)]));
  const size = add("Sqrt", [add("Add", [power, builder.scalar(a.epsilon)])]);
  const normal = add("Div", [middle, size]);
  if (!bias) return void add("Mul", [normal, scale!.name], {}, outputs.slice(0, 1));
  add("Add", [add("Mul", [normal, scale!.name]), bias.name], {}, outputs.slice(0, 1));
}
