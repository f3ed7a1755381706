// Circular and hyperbolic functions and their inverses. The index in `trigonometricKinds` is the shader's `kind`.
import { constantsOf, kernel } from "./kernel.ts";

export const trigonometricKinds = [
  "sin",
  "cos",
  "tan",
  "asin",
  "acos",
  "atan",
  "sinh",
  "cosh",
  "asinh",
  "acosh",
  "atanh",
] as const;
export type TrigonometricKind = (typeof trigonometricKinds)[number];

export const trigonometric = kernel("trigonometric", {
  constants: constantsOf("kind", trigonometricKinds),
  writes: ["y"],
  grid: (n) => [Math.ceil(n.quads / 64)],
  reference({ x, y }, n) {
    const formula = Math[trigonometricKinds[n.kind]];
    for (let i = 0; i < y.length; i++) y[i] = formula(x[i]);
  },
});
