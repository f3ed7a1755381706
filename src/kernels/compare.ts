// Elementwise comparisons with broadcasting; results are 0 or 1. The index in `compareKinds` is the shader's `kind`.
import { operandOffsets } from "./lib/broadcast.ts";
import { constantsOf, kernel } from "./kernel.ts";

const formulas = {
  equal: (a, b) => a === b,
  greater: (a, b) => a > b,
  greaterOrEqual: (a, b) => a >= b,
  less: (a, b) => a < b,
  lessOrEqual: (a, b) => a <= b,
} satisfies Record<string, (a: number, b: number) => boolean>;

export type CompareKind = keyof typeof formulas;
export const compareKinds = Object.keys(formulas) as CompareKind[];

export const compare = kernel("compare", {
  constants: constantsOf("kind", compareKinds),
  writes: ["y"],
  grid: (n) => [Math.ceil(n.count / 64)],
  reference({ a, b, y }, n) {
    const formula = formulas[compareKinds[n.kind]];
    const offsets = operandOffsets(n, ["a", "b"]);
    for (let i = 0; i < n.count; i++) {
      const [left, right] = offsets(i);
      y[i] = Number(formula(a[left], b[right]));
    }
  },
});
