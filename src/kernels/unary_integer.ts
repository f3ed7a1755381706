// Elementwise functions of integers and booleans. The index in `unaryIntegerKinds` is the shader's `kind`.
import { bitsIn, narrow } from "./lib/integer.ts";
import { constantsOf, kernel } from "./kernel.ts";

const formulas = {
  abs: Math.abs,
  negate: (v) => -v,
  sign: Math.sign,
  relu: (v) => Math.max(v, 0),
  invert: (v) => -1 - v,
  not: (v) => Number(v === 0),
} satisfies Record<string, (v: number) => number>;

export type UnaryIntegerKind = keyof typeof formulas;
export const unaryIntegerKinds = Object.keys(formulas) as UnaryIntegerKind[];

export const unaryInteger = kernel("unary_integer", {
  constants: constantsOf("kind", unaryIntegerKinds),
  writes: ["y"],
  grid: (n) => [Math.ceil(n.count / 64)],
  reference({ x, y }, n) {
    const formula = formulas[unaryIntegerKinds[n.kind]];
    const bits = bitsIn(y, n.bits);
    for (let i = 0; i < n.count; i++) y[i] = narrow(formula(x[i]), bits, n.unsigned);
  },
});
