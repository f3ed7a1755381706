// Elementwise functions of two operands, same layout or with broadcasting. The index in `binaryKinds` is `kind`.
import { kernel, type Numbers } from "./kernel.ts";

const formulas = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  max: Math.max,
  min: Math.min,
  pow: (a, b) => a ** b,
  prelu: (a, b) => a >= 0 ? a : a * b,
} satisfies Record<string, (a: number, b: number) => number>;

export type BinaryKind = keyof typeof formulas;
export const binaryKinds = Object.keys(formulas) as BinaryKind[];

export const binary = kernel("binary", {
  writes: ["y"],
  grid: (n) => [Math.ceil(n.quads / 64)],
  reference({ a, b, y }, n) {
    const formula = formulas[binaryKinds[n.kind]];
    for (let i = 0; i < y.length; i++) {
      y[i] = Math.min(Math.max(formula(a[i], b[n.b_scalar ? 0 : i]), n.low), n.high);
    }
  },
});

export const binaryBroadcast = kernel("binary_broadcast", {
  writes: ["y"],
  grid: (n) => [Math.ceil(n.count / 64)],
  reference({ a, b, y }, n) {
    const formula = formulas[binaryKinds[n.kind]];
    for (let i = 0; i < n.count; i++) {
      const [left, right] = offsets(i, n);
      y[i] = Math.min(Math.max(formula(a[left], b[right]), n.low), n.high);
    }
  },
});

function offsets(i: number, n: Numbers): [number, number] {
  let left = 0;
  let right = 0;
  let rest = i;
  for (let axis = 5; axis >= 0; axis--) {
    const size = axis === 0 ? Infinity : n[`dim${axis}`];
    const at = size === Infinity ? rest : rest % size;
    rest = Math.floor(rest / size);
    left += at * n[`a${axis}`];
    right += at * n[`b${axis}`];
  }
  return [left, right];
}
