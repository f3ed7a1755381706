import { binary, binaryBroadcast, type BinaryKind, binaryKinds } from "../../src/kernels/binary.ts";
import { channels, crossed, type Dims, one, places, product } from "./broadcasting.ts";
import { type Bound, exact, type KernelRows, open, type Row, seededFloats, ulp } from "./row.ts";

const bounds: Record<BinaryKind, Bound> = {
  add: ulp(0, "one rounding"),
  sub: ulp(0, "one rounding"),
  mul: ulp(0, "one rounding"),
  div: ulp(3, "WGSL: 2.5 ulp"),
  max: exact,
  min: exact,
  pow: ulp(128, "WGSL: exp2(y · log2 x)"),
  prelu: ulp(0, "one rounding"),
  remainder: exact,
  modulo: ulp(0, "one rounding"),
};

/** Bases of either sign have whole exponents; divisors are not close to zero. */
function operands(kind: BinaryKind, a: number, b: number): [Float32Array, Float32Array] {
  const left = seededFloats(a, 1).map((v) => v * 3);
  const right = seededFloats(b, 2).map((v) => v * 3);
  if (kind === "pow") return [left, right.map(Math.round)];
  return [left, kind === "div" ? right.map((v) => v < 0 ? v - 0.1 : v + 0.1) : right];
}

function row(name: string, kind: BinaryKind, count: number, b_scalar = 0, limits = open): Row {
  const [a, b] = operands(kind, count, b_scalar ? 1 : count);
  return {
    name: `${kind}, ${name}`,
    numbers: { kind: binaryKinds.indexOf(kind), b_scalar, quads: Math.ceil(count / 4), ...limits },
    buffers: { a, b, y: count },
    bound: bounds[kind],
  };
}

function special(name: string, kind: BinaryKind, a: number[], b: number[]): Row {
  return { ...row(name, kind, a.length), buffers: { a, b, y: a.length } };
}

function broadcast(name: string, kind: BinaryKind, left: Dims, right: Dims, limits = open): Row {
  const placed = places({ a: left, b: right });
  const numbers = { kind: binaryKinds.indexOf(kind), ...placed, ...limits };
  const [a, b] = operands(kind, product(left), product(right));
  return { name: `${kind}, ${name}`, numbers, buffers: { a, b, y: placed.count }, bound: bounds[kind] };
}

const relu6 = { low: 0, high: 6 };

export const rows: readonly KernelRows[] = [
  {
    kernel: binary,
    rows: [
      ...binaryKinds.flatMap((kind) => [
        row("one number", kind, 1),
        row("a scalar on the right, seven numbers", kind, 7, 1),
        row("several workgroups", kind, 1003),
      ]),
      row("clamped", "add", 66, 0, relu6),
      special("sums without a limit keep infinities", "add", [1, Infinity], [Infinity, -Infinity]),
      special("roots of negative numbers", "pow", [-8, -8, 4], [1 / 3, -3, -0.5]),
      special("large against small", "remainder", [1e30, -1e30, 3e38, 5.5, 7], [3, 0.7, 1e-30, Infinity, 0]),
    ],
  },
  {
    kernel: binaryBroadcast,
    rows: [
      ...binaryKinds.flatMap((kind) => [
        broadcast("one number", kind, one, one),
        broadcast("six dimensions, each repeated once", kind, ...crossed),
      ]),
      broadcast("a scalar on the left", "sub", one, [1, 1, 1, 3, 5, 7]),
      broadcast("one value per channel, several workgroups, clamped", "mul", ...channels, relu6),
    ],
  },
];
