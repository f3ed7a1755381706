// Elementwise functions of two integers, modulo 2^bits. The index in `binaryIntegerKinds` is the shader's `kind`;
// division by zero gives WGSL's results.
import { operandOffsets } from "./lib/broadcast.ts";
import { bitsIn, narrow } from "./lib/integer.ts";
import { constantsOf, kernel } from "./kernel.ts";

type Formula = (a: number, b: number, bits: number, unsigned: number) => number | bigint;

const formulas = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: product,
  div: (a, b) => b === 0 ? a : Math.trunc(a / b),
  max: (a, b) => Math.max(a, b),
  min: (a, b) => Math.min(a, b),
  pow: power,
  prelu: (a, b) => a < 0 ? product(a, b) : a,
  remainder: (a, b) => b === 0 ? 0 : a % b,
  modulo(a, b) {
    const left = b === 0 ? 0 : a % b;
    return left !== 0 && (left < 0) !== (b < 0) ? left + b : left;
  },
  and: (a, b) => BigInt(a) & BigInt(b),
  or: (a, b) => BigInt(a) | BigInt(b),
  xor: (a, b) => BigInt(a) ^ BigInt(b),
  shiftLeft: (a, b, bits) => b < 0 || b >= bits ? 0 : BigInt(a) << BigInt(b),
  shiftRight: (a, b, bits) => b < 0 || b >= bits ? -Number(a < 0) : Math.floor(a / 2 ** b),
} satisfies Record<string, Formula>;

export type BinaryIntegerKind = keyof typeof formulas;
export const binaryIntegerKinds = Object.keys(formulas) as BinaryIntegerKind[];

function product(a: number, b: number): number | bigint {
  return Number.isSafeInteger(a * b) ? a * b : BigInt(a) * BigInt(b);
}

function power(a: number, b: number, bits: number): number | bigint {
  if (b < 0) return Math.abs(a) === 1 ? a ** (-b % 2) : 0;
  const result = a ** b;
  if (Number.isSafeInteger(result)) return result;
  let [squared, total] = [BigInt(a), 1n];
  for (let left = b; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) total = BigInt.asIntN(bits, total * squared);
    squared = BigInt.asIntN(bits, squared * squared);
  }
  return total;
}

export const binaryInteger = kernel("binary_integer", {
  constants: constantsOf("kind", binaryIntegerKinds),
  writes: ["y"],
  grid: (n) => [Math.ceil(n.count / 64)],
  reference({ a, b, y }, n) {
    const formula: Formula = formulas[binaryIntegerKinds[n.kind]];
    const bits = bitsIn(y, n.bits);
    const offsets = operandOffsets(n, ["a", "b"]);
    for (let i = 0; i < n.count; i++) {
      const [left, right] = offsets(i);
      y[i] = narrow(formula(a[left], b[right], bits, n.unsigned), bits, n.unsigned);
    }
  },
});
