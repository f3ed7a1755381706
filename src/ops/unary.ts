// Elementwise functions of one operand, one row each. `keepsZero` rows may run on padded channels: f(0) is finite.
import { UnsupportedError } from "../error.ts";
import { call } from "../kernels/kernel.ts";
import { unary, type UnaryKind, unaryKinds } from "../kernels/unary.ts";
import { numbers } from "../tensor/tensor.ts";
import { unlimited } from "./clamp.ts";
import { quadsOf } from "./layout.ts";
import { float, type Known, op, type Operand, required, type Role, type Spec } from "./op.ts";

type Row = {
  role?: Role;
  /** False where f(0) is no finite number: then the padding of channels must not be computed. */
  finiteAtZero?: boolean;
  attributes?: Record<string, Spec<number>>;
  /** The shader's alpha and beta. */
  parameters?: (a: Record<string, number>, inputs: readonly (Known | undefined)[]) => [number, number];
};

function elementwise(kind: UnaryKind, row: Row = {}) {
  const parametersOf = row.parameters ?? (() => [0, 0] as [number, number]);
  return op({
    attributes: row.attributes ?? {},
    layout: row.finiteAtZero === false ? "plain" : "any",
    role: row.role ?? { kind: "resists" },
    infer(inputs) {
      const { dtype, shape } = required(inputs, 0);
      return [{ dtype, shape }];
    },
    lower({ inputs, outputs, attributes }) {
      const [alpha, beta] = parametersOf(attributes as Record<string, number>, inputs);
      return [call(unary, { x: inputs[0]!.buffer, y: outputs[0].buffer }, {
        kind: unaryKinds.indexOf(kind),
        quads: quadsOf(inputs[0] as Operand),
        alpha,
        beta,
      })];
    },
    homogeneous: kind === "leaky",
    clamp: kind === "clamp" ? (a, inputs) => parametersOf(a as Record<string, number>, inputs) : undefined,
  });
}

const follows: Role = { kind: "follows" };

export const Relu = elementwise("clamp", { role: follows, parameters: () => [0, unlimited] });
/** Clip-11 and newer; bounds are inputs (older forms, with attributes, are upgraded on load). */
export const Clip = elementwise("clamp", {
  role: follows,
  parameters: (_, inputs) => [bound(inputs[1], -unlimited), bound(inputs[2], unlimited)],
});
export const LeakyRelu = elementwise("leaky", {
  role: { kind: "joins" },
  attributes: { alpha: float(0.01) },
  parameters: (a) => [a.alpha, 0],
});
export const HardSigmoid = elementwise("hardSigmoid", {
  attributes: { alpha: float(0.2), beta: float(0.5) },
  parameters: (a) => [a.alpha, a.beta],
});
export const Sigmoid = elementwise("sigmoid");
export const HardSwish = elementwise("hardSwish");
export const Exp = elementwise("exp");
export const Tanh = elementwise("tanh");
export const Sqrt = elementwise("sqrt");
export const Neg = elementwise("negate");
export const Abs = elementwise("abs");
export const Floor = elementwise("floor");
export const Ceil = elementwise("ceil");
export const Log = elementwise("log", { finiteAtZero: false });
export const Reciprocal = elementwise("reciprocal", { finiteAtZero: false });

function bound(input: Known | undefined, fallback: number): number {
  if (!input) return fallback;
  if (!input.constant) throw new UnsupportedError("Cannot clamp to bounds that depend on the input data");
  return Math.min(Math.max(numbers(input.constant)[0], -unlimited), unlimited);
}
