import {
  trigonometric,
  type TrigonometricKind,
  trigonometricKinds,
} from "../../src/kernels/trigonometric.ts";
import { type Bound, type KernelRows, type Row, seededFloats, ulp } from "./row.ts";

const reduced = "an angle right to 1.5 ulp, a fit within 1 ulp";
const bounds: Record<TrigonometricKind, Bound> = {
  sin: ulp(4, reduced),
  cos: ulp(4, reduced),
  tan: ulp(8, "a quotient of two such, 2.5 ulp"),
  asin: ulp(6, "a fit within 1 ulp, a root and a difference"),
  acos: ulp(6, "a fit within 1 ulp, a root and a difference"),
  atan: ulp(5, "a fit within 1 ulp, a quotient and a sum"),
  sinh: ulp(40, "WGSL: exp within 3 + 2·|v| ulp, here |v| ≤ 10, squared"),
  cosh: ulp(40, "WGSL: exp within 3 + 2·|v| ulp, here |v| ≤ 10, squared"),
  asinh: ulp(12, "a logarithm within 3 ulp of numbers with a few roundings"),
  acosh: ulp(24, "the same; roots of small differences"),
  atanh: ulp(12, "a logarithm within 3 ulp of a quotient"),
};

const domains: Partial<Record<TrigonometricKind, readonly [number, number]>> = {
  asin: [-1, 1],
  acos: [-1, 1],
  acosh: [1, 1e5],
  atanh: [-1, 1],
  sinh: [-20, 20],
  cosh: [-20, 20],
};

function row(name: string, kind: TrigonometricKind, x: Float32Array): Row {
  return {
    name: `${kind}, ${name}`,
    numbers: { kind: trigonometricKinds.indexOf(kind), quads: Math.ceil(x.length / 4) },
    buffers: { x, y: new Float32Array(x.length) },
    bound: bounds[kind],
  };
}

/** Both signs and all magnitudes in the domain, down to the smallest that no device flushes to zero. */
function sizes(kind: TrigonometricKind): Float32Array {
  const [low, high] = domains[kind] ?? [-1e30, 1e30];
  const steps = seededFloats(2003, 4).map((v, i) => (i % 2 === 0 ? high : low) * 10 ** (-37 * Math.abs(v)));
  return steps.map((v) => Math.min(Math.max(v, low), high));
}

/** The floats next to multiples of π/2, which have the smallest remainders. */
const corners = Float32Array.from({ length: 4001 }, (_, i) => (i - 2000) * Math.PI / 2);

export const rows: readonly KernelRows[] = [{
  kernel: trigonometric,
  rows: trigonometricKinds.flatMap((kind) => {
    const [low, high] = domains[kind] ?? [-10, 10];
    return [
      row("one number", kind, Float32Array.of(kind === "acosh" ? 1.5 : 0.5)),
      row("all over", kind, seededFloats(1003, 4).map((v) => (low + high) / 2 + v * (high - low) / 2)),
      row("every size", kind, sizes(kind)),
      ...(["sin", "cos", "tan"].includes(kind) ? [row("multiples of π/2", kind, corners)] : []),
    ];
  }),
}];
