// Elementwise functions of one operand. The index in `unaryKinds` is the shader's `kind`.
import { roundHalfEven } from "../tensor/round.ts";
import { erf, erfc } from "./lib/error_function.ts";
import { constantsOf, kernel } from "./kernel.ts";

type Formula = (v: number, alpha: number, beta: number) => number;
const formulas = {
  clamp: (v, alpha, beta) => Math.min(Math.max(v, alpha), beta),
  sigmoid: (v) => 1 / (1 + Math.exp(-v)),
  exp: Math.exp,
  tanh: Math.tanh,
  leaky: (v, alpha) => v >= 0 ? v : alpha * v,
  hardSigmoid: (v, alpha, beta) => Math.min(Math.max(alpha * v + beta, 0), 1),
  hardSwish: (v) => v * Math.min(Math.max(v / 6 + 0.5, 0), 1),
  sqrt: Math.sqrt,
  negate: (v) => -v,
  abs: Math.abs,
  log: Math.log,
  reciprocal: (v) => 1 / v,
  floor: Math.floor,
  ceil: Math.ceil,
  truncate: Math.trunc,
  sign: Math.sign,
  round: roundHalfEven,
  softsign: (v) => v / (1 + Math.abs(v)),
  softplus: (v) => Math.max(v, 0) + Math.log1p(Math.exp(-Math.abs(v))),
  threshold: (v, alpha) => v > alpha ? v : 0,
  shrink: (v, alpha, beta) => v < -alpha ? v + beta : v > alpha ? v - beta : 0,
  swish: (v, alpha) => v / (1 + Math.exp(-alpha * v)),
  mish: (v) => v * Math.tanh(Math.log1p(Math.exp(v))),
  elu: (v, alpha, beta) => v > 0 ? beta * v : alpha * Math.expm1(v),
  celu: (v, alpha) => v > 0 ? v : alpha * Math.expm1(v / alpha),
  erf,
  gelu: (v) => 0.5 * v * erfc(-v / Math.SQRT2),
  geluTanh: (v) => 0.5 * v * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v ** 3))),
} satisfies Record<string, Formula>;

export type UnaryKind = keyof typeof formulas;
export const unaryKinds = Object.keys(formulas) as UnaryKind[];

export const unary = kernel("unary", {
  constants: constantsOf("kind", unaryKinds),
  writes: ["y"],
  grid: (n) => [Math.ceil(n.quads / 64)],
  reference({ x, y }, n) {
    const formula: Formula = formulas[unaryKinds[n.kind]];
    for (let i = 0; i < y.length; i++) y[i] = formula(x[i], n.alpha, n.beta);
  },
});
