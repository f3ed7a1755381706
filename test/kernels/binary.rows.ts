import { binary, binaryBroadcast, type BinaryKind, binaryKinds } from "../../src/kernels/binary.ts";
import { type Bound, exact, type KernelRows, open, type Row, seeded, ulp } from "./row.ts";

const bounds: Record<BinaryKind, Bound> = {
  add: ulp(0, "one rounding"),
  sub: ulp(0, "one rounding"),
  mul: ulp(0, "one rounding"),
  div: ulp(3, "WGSL: 2.5 ulp"),
  max: exact,
  min: exact,
  pow: ulp(128, "WGSL: exp2(y · log2 x)"),
  prelu: ulp(0, "one rounding"),
};

/** Bases of either sign take whole exponents; divisors keep away from zero. */
function operands(kind: BinaryKind, a: number, b: number): [Float32Array, Float32Array] {
  const left = seeded(a, 1).map((v) => v * 3);
  const right = seeded(b, 2).map((v) => v * 3);
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

type Dims = readonly [number, number, number, number, number, number];

/** Operands of the result's dimensions, with 1 where they repeat. */
function broadcast(name: string, kind: BinaryKind, left: Dims, right: Dims, limits = open): Row {
  const dims = left.map((dim, i) => Math.max(dim, right[i]));
  const numbers: Record<string, number> = {
    kind: binaryKinds.indexOf(kind),
    count: product(dims),
    ...limits,
  };
  for (let axis = 0; axis < 6; axis++) {
    if (axis > 0) numbers[`dim${axis}`] = dims[axis];
    numbers[`a${axis}`] = left[axis] === 1 ? 0 : product(left.slice(axis + 1));
    numbers[`b${axis}`] = right[axis] === 1 ? 0 : product(right.slice(axis + 1));
  }
  const [a, b] = operands(kind, product(left), product(right));
  return { name: `${kind}, ${name}`, numbers, buffers: { a, b, y: product(dims) }, bound: bounds[kind] };
}

function product(dims: readonly number[]): number {
  return dims.reduce((total, dim) => total * dim, 1);
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
    ],
  },
  {
    kernel: binaryBroadcast,
    rows: [
      ...binaryKinds.flatMap((kind) => [
        broadcast("one number", kind, [1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1]),
        broadcast("six dimensions, each repeated once", kind, [2, 1, 3, 1, 2, 1], [1, 3, 1, 2, 1, 5]),
      ]),
      broadcast("a scalar on the left", "sub", [1, 1, 1, 1, 1, 1], [1, 1, 1, 3, 5, 7]),
      broadcast(
        "a channel each, several workgroups, clamped",
        "mul",
        [1, 1, 2, 9, 11, 7],
        [1, 1, 1, 9, 1, 1],
        relu6,
      ),
    ],
  },
];
