import { unary, type UnaryKind, unaryKinds } from "../../src/kernels/unary.ts";
import { type Bound, exact, type KernelRows, type Row, seededFloats, ulp, within } from "./row.ts";

const rounded = ulp(4, "WGSL lets a product and a sum round twice, and a division be 2.5 ulp off");
const bounds: Record<UnaryKind, Bound> = {
  clamp: exact,
  sigmoid: within(2e-6, "exp of the device, at most 3 + 2·|v| ulp"),
  exp: ulp(64, "WGSL: 3 + 2·|v| ulp, here |v| ≤ 20"),
  tanh: ulp(8, "a fit within 3 ulp; further out one exponential, which is small"),
  leaky: rounded,
  hardSigmoid: within(2 ** -22, "a product and a sum of numbers below 8"),
  hardSwish: within(1e-5, "a quotient, a sum and a product of numbers up to 20"),
  sqrt: ulp(4, "WGSL: inherited from 1 / inverseSqrt, 2 ulp each"),
  negate: exact,
  abs: exact,
  log: within(2e-6, "WGSL: 2^−21 absolute near one, 3 ulp elsewhere"),
  reciprocal: ulp(3, "WGSL: 2.5 ulp"),
  floor: exact,
  ceil: exact,
  truncate: exact,
  sign: exact,
  round: exact,
  softsign: ulp(4, "WGSL: a sum and a quotient, 2.5 ulp"),
  softplus: ulp(48, "a logarithm of the device's exp, at most 3 + 2·|v| ulp"),
  threshold: exact,
  shrink: ulp(0, "one rounding"),
  swish: within(1e-5, "a quotient by the device's exp, of numbers up to 20"),
  mish: ulp(64, "a quotient of the device's exp, at most 3 + 2·|v| ulp"),
  elu: ulp(16, "a fit within 3 ulp, its quotient and two products"),
  celu: ulp(16, "a fit within 3 ulp, its quotient and two products"),
  erf: ulp(4, "fits within 1 ulp; 1 − 0.2 · an exponential within 5 ulp"),
  gelu: ulp(1200, "exp(−v²/2): its argument is rounded at up to 90, 2^−24 · 90"),
  geluTanh: within(1e-5, "a quotient by the device's exp, of numbers up to 20"),
};

export const parameters: Partial<Record<UnaryKind, readonly [number, number]>> = {
  clamp: [-0.25, 6],
  leaky: [0.1, 0],
  hardSigmoid: [0.2, 0.5],
  threshold: [1.25, 0],
  shrink: [0.75, 0.5],
  swish: [1.5, 0],
  elu: [1.75, 1.0625],
  celu: [1.5, 0],
};

/** Without arguments that underflow on one side only. */
const above: Partial<Record<UnaryKind, number>> = { gelu: -12 };

/** Positive arguments for functions that are defined only there. */
export const positive = new Set<UnaryKind>(["sqrt", "log", "reciprocal"]);

function row(name: string, kind: UnaryKind, x: Float32Array): Row {
  const [alpha, beta] = parameters[kind] ?? [0, 0];
  return {
    name: `${kind}, ${name}`,
    numbers: { kind: unaryKinds.indexOf(kind), quads: Math.ceil(x.length / 4), alpha, beta },
    buffers: { x: positive.has(kind) ? x.map((v) => Math.abs(v) + 0.01) : x, y: new Float32Array(x.length) },
    bound: bounds[kind],
  };
}

export const rows: readonly KernelRows[] = [{
  kernel: unary,
  rows: unaryKinds.flatMap((kind) => [
    row("one number", kind, Float32Array.of(0.5)),
    row("seven numbers: half a quad", kind, Float32Array.of(-2.5, -0.5, 0, 0.5, 1.5, 3, 7.25)),
    row("several workgroups", kind, seededFloats(1003, 4).map((v) => Math.max(v * 20, above[kind] ?? -20))),
    row("small numbers", kind, seededFloats(1003, 5).map((v) => v ** 3)),
  ]),
}];
