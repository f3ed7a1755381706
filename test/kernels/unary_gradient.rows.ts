import { unaryGradient } from "../../src/kernels/unary_gradient.ts";
import { type UnaryKind, unaryKinds } from "../../src/kernels/unary.ts";
import { type Bound, exact, type KernelRows, type Row, seededFloats, ulp, within } from "./row.ts";
import { parameters, positive } from "./unary.rows.ts";

const quotient = ulp(8, "WGSL: quotients 2.5 ulp off, a product and a sum rounded twice");
const exponential = within(4e-5, "quotients and products of the device's exp, 3 + 2·|v| ulp, |v| ≤ 20");
const bounds: Partial<Record<UnaryKind, Bound>> = {
  exp: ulp(64, "WGSL: 3 + 2·|v| ulp, here |v| ≤ 20"),
  leaky: ulp(1, "the factor is a float32 on the device"),
  hardSigmoid: ulp(1, "the factor is a float32 on the device"),
  hardSwish: within(1e-5, "a quotient and a sum of numbers up to 20"),
  sqrt: quotient,
  log: quotient,
  reciprocal: quotient,
  softsign: quotient,
  sigmoid: exponential,
  tanh: exponential,
  softplus: exponential,
  swish: exponential,
  mish: exponential,
  elu: exponential,
  celu: exponential,
  erf: exponential,
  gelu: exponential,
  geluTanh: within(1e-4, "the same, of an argument that a sum of products up to 700 rounds at 2^−15"),
};

function row(name: string, kind: UnaryKind, x: Float32Array): Row {
  const [alpha, beta] = parameters[kind] ?? [0, 0];
  return {
    name: `${kind}, ${name}`,
    numbers: { kind: unaryKinds.indexOf(kind), quads: Math.ceil(x.length / 4), alpha, beta },
    buffers: {
      x: positive.has(kind) ? x.map((v) => Math.abs(v) + 0.01) : x,
      dy: x.length,
      dx: new Float32Array(x.length),
    },
    bound: bounds[kind] ?? exact,
  };
}

export const rows: readonly KernelRows[] = [{
  kernel: unaryGradient,
  rows: unaryKinds.flatMap((kind) => [
    row("one number", kind, Float32Array.of(0.5)),
    row("seven numbers with corners: half a quad", kind, Float32Array.of(-3, -0.25, 0, 0.75, 1.25, 3, 6)),
    row("several workgroups", kind, seededFloats(1003, 4).map((v) => v * 20)),
  ]),
}];
