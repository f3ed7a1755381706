// Elementwise functions of two operands, same layout or with broadcasting. The index in `binaryKinds` is `kind`.
import { operandOffsets } from "./lib/broadcast.ts";
import { constantsOf, kernel, type Numbers } from "./kernel.ts";

const formulas = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  max: Math.max,
  min: Math.min,
  pow: (a, b) => a ** b,
  prelu: (a, b) => a >= 0 ? a : a * b,
  remainder: (a, b) => a % b,
  modulo(a, b) {
    const left = a % b;
    return left !== 0 && (left < 0) !== (b < 0) ? left + b : left;
  },
} satisfies Record<string, (a: number, b: number) => number>;

export type BinaryKind = keyof typeof formulas;
export const binaryKinds = Object.keys(formulas) as BinaryKind[];

/** float32's largest means "no limit". */
const most = 3.4028234663852886e38;

export const binary = kernel("binary", {
  constants: constantsOf("kind", binaryKinds),
  writes: ["y"],
  grid: (n) => [Math.ceil(n.quads / 64)],
  reference({ a, b, y }, n) {
    const formula = formulas[binaryKinds[n.kind]];
    for (let i = 0; i < y.length; i++) {
      y[i] = clampTo(formula(a[i], b[n.b_scalar ? 0 : i]), n);
    }
  },
});

export const binaryBroadcast = kernel("binary_broadcast", {
  constants: constantsOf("kind", binaryKinds),
  writes: ["y"],
  grid: (n) => [Math.ceil(n.count / 64)],
  reference({ a, b, y }, n) {
    const formula = formulas[binaryKinds[n.kind]];
    const offsets = operandOffsets(n, ["a", "b"]);
    for (let i = 0; i < n.count; i++) {
      const [left, right] = offsets(i);
      y[i] = clampTo(formula(a[left], b[right]), n);
    }
  },
});

/** Clamps; without a limit on either side NaN and infinities stay. */
function clampTo(v: number, { low, high }: Numbers): number {
  return low <= -most && high >= most ? v : Math.min(Math.max(v, low), high);
}
