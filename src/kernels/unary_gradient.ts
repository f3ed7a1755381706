// Slopes of the elementwise functions of unary.ts, times the gradient of their results; `kind` is the same.
import { erfc } from "./lib/error_function.ts";
import { constantsOf, kernel } from "./kernel.ts";
import { type UnaryKind, unaryKinds } from "./unary.ts";

type Slope = (v: number, alpha: number, beta: number) => number;

const sigmoid = (v: number) => 1 / (1 + Math.exp(-v));
const sigmoidSlope = (v: number) => sigmoid(v) * sigmoid(-v);
const step = () => 0;

/** At a corner, the slope of either side. */
const slopes: Record<UnaryKind, Slope> = {
  clamp: (v, alpha, beta) => Number(v > alpha && v < beta),
  sigmoid: sigmoidSlope,
  exp: Math.exp,
  tanh: (v) => 4 * sigmoidSlope(2 * v),
  leaky: (v, alpha) => v >= 0 ? 1 : alpha,
  hardSigmoid: (v, alpha, beta) => alpha * v + beta > 0 && alpha * v + beta < 1 ? alpha : 0,
  hardSwish: (v) => v <= -3 ? 0 : v >= 3 ? 1 : v / 3 + 0.5,
  sqrt: (v) => 0.5 / Math.sqrt(v),
  negate: () => -1,
  abs: Math.sign,
  log: (v) => 1 / v,
  reciprocal: (v) => -1 / (v * v),
  floor: step,
  ceil: step,
  truncate: step,
  sign: step,
  round: step,
  softsign: (v) => 1 / (1 + Math.abs(v)) ** 2,
  softplus: sigmoid,
  threshold: (v, alpha) => Number(v > alpha),
  shrink: (v, alpha) => Number(Math.abs(v) > alpha),
  swish: (v, alpha) => sigmoid(alpha * v) + alpha * v * sigmoidSlope(alpha * v),
  mish(v) {
    const t = Math.tanh(Math.log1p(Math.exp(v)));
    return t + v * (1 - t * t) * sigmoid(v);
  },
  elu: (v, alpha, beta) => v > 0 ? beta : alpha * Math.exp(v),
  celu: (v, alpha) => v > 0 ? 1 : Math.exp(v / alpha),
  erf: (v) => 2 / Math.sqrt(Math.PI) * Math.exp(-v * v),
  gelu: (v) => 0.5 * erfc(-v / Math.SQRT2) + v * Math.exp(-v * v / 2) / Math.sqrt(2 * Math.PI),
  geluTanh(v) {
    const factor = 2 * Math.sqrt(2 / Math.PI);
    const u = factor * (v + 0.044715 * v ** 3);
    return sigmoid(u) + v * sigmoidSlope(u) * factor * (1 + 3 * 0.044715 * v * v);
  },
};

/** True for functions whose slope is zero wherever it is defined. */
export function isStep(kind: UnaryKind): boolean {
  return slopes[kind] === step;
}

export const unaryGradient = kernel("unary_gradient", {
  constants: constantsOf("kind", unaryKinds),
  writes: ["dx"],
  grid: (n) => [Math.ceil(n.quads / 64)],
  reference({ x, dy, dx }, n) {
    const slope = slopes[unaryKinds[n.kind]];
    for (let i = 0; i < dx.length; i++) dx[i] = dy[i] * slope(x[i], n.alpha, n.beta);
  },
});
