// The gradient of any elementwise function of one operand: x, dy → dx. Only `differentiate` writes it.
import { floatAttribute, textAttribute } from "../../graph/attribute.ts";
import { call } from "../../kernels/kernel.ts";
import { type UnaryKind, unaryKinds } from "../../kernels/unary.ts";
import { isStep, unaryGradient } from "../../kernels/unary_gradient.ts";
import type { GradientBuilder } from "../declare/builder.ts";
import { quadsOf } from "../lowering/layout.ts";
import { float, op, type Operand, requireInput, text } from "../declare/op.ts";
import { everyElement } from "../declare/part_axes.ts";

export const UnaryGradient = op({
  domain: "halftone",
  attributes: { kind: text(), alpha: float(0), beta: float(0) },
  planning: { layout: "follow", partAxes: everyElement },
  role: { kind: "resists" },
  infer(inputs) {
    const { dtype, shape } = requireInput(inputs, 0);
    return [{ dtype, shape }];
  },
  lower({ inputs, outputs: [dx] }, { kind, alpha, beta }) {
    const [x, dy] = inputs as Operand[];
    const numbers = { kind: unaryKinds.indexOf(kind as UnaryKind), quads: quadsOf(dx), alpha, beta };
    return [call(unaryGradient, { x: x.buffer, dy: dy.buffer, dx: dx.buffer }, numbers)];
  },
});

/** Slopes that are not finite at zero must not be computed in padding channels: these are built from the result. */
const fromResult: Partial<
  Record<UnaryKind, (builder: GradientBuilder, x: string, y: string, dy: string) => string>
> = {
  sqrt: ({ add }, _, y, dy) => add("Div", [dy, add("Add", [y, y])]),
  log: ({ add }, x, _, dy) => add("Div", [dy, x]),
  reciprocal: ({ add }, _, y, dy) => add("Neg", [add("Mul", [dy, add("Mul", [y, y])])]),
};

export function unaryGradients(kind: UnaryKind, [alpha, beta]: readonly [number, number] = [0, 0]) {
  return (builder: GradientBuilder) => {
    if (isStep(kind)) return;
    const { inputs: [x], outputs: [y], gradients: [dy], add, give } = builder;
    const own = fromResult[kind];
    if (own) return give(0, own(builder, x!.name, y.name, dy!));
    // The result of a clamp suffices, so that its input need not be kept.
    const seen = kind === "clamp" ? y.name : x!.name;
    const attributes = {
      kind: textAttribute(kind),
      alpha: floatAttribute(alpha),
      beta: floatAttribute(beta),
    };
    give(0, add("UnaryGradient", [seen, dy!], attributes));
  };
}
