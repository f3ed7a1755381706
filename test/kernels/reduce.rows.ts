import { withElement, type WordType } from "../../src/kernels/kernel.ts";
import { bitsOf, reduce, type ReduceKind, reduceKinds, reduceRows } from "../../src/kernels/reduce.ts";
import { type Bound, type Contents, exact, type KernelRows, nmse, type Row } from "./row.ts";

const sum = nmse(1e-11, "sums and products in single against double precision");

type Sizes = readonly [outer: number, count: number, inner: number];

function row(
  name: string,
  kind: ReduceKind,
  [outer, count, inner]: Sizes,
  x?: Contents,
  type?: WordType,
): Row {
  const bound: Bound = kind === "max" || kind === "min" || type ? exact : sum;
  const y = type === "i32" ? new Int32Array(outer * inner) : new Uint32Array(outer * inner);
  return {
    name: `${kind}, ${name}`,
    numbers: {
      kind: reduceKinds.indexOf(kind),
      outer,
      count,
      inner,
      outer_stride: count * inner,
      stride: inner,
      empty: bitsOf(kind === "max" && !type ? -Infinity : 1, type ?? "f32"),
    },
    buffers: { x: x ?? outer * count * inner, y: type ? y : outer * inner },
    bound,
  };
}

/** Five of eight lanes of an image of 6 pixels, channels last. */
function lanes(kind: ReduceKind): Row {
  const numbers = { kind: reduceKinds.indexOf(kind), outer: 2, count: 6, inner: 5, empty: 0 };
  const strides = { outer_stride: 48, stride: 8 };
  const bound = kind === "max" ? exact : sum;
  return {
    name: `${kind}, some lanes`,
    numbers: { ...numbers, ...strides },
    buffers: { x: 96, y: 10 },
    bound,
  };
}

/** Kinds that are defined for negative numbers. */
const kinds = reduceKinds.filter((kind) => kind !== "logSum");
const positive = (count: number) => Array.from({ length: count }, (_, i) => 0.5 + (i % 7));

const floats = (large: number) => [
  ...kinds.flatMap((kind) => [
    row("one number", kind, [1, 1, 1]),
    row("odd sizes", kind, [3, 7, 5]),
    row("all below zero", kind, [1, 3, 1], [-3, -1, -2]),
    row("several workgroups", kind, [13, 9, 17]),
  ]),
  row("odd sizes", "logSum", [3, 7, 5], positive(105)),
  row("numbers whose exp overflows", "logSumExp", [1, 4, 1], [800, 799, 790, 0]),
  row("nothing", "max", [2, 0, 2], [7]),
  lanes("sum"),
  lanes("max"),
  row("long lines", "sum", [2, large, 3]),
  row("a folded grid", "max", [1, 1, 65535 * (large > 1000 ? 1 : 64) + 1]),
];

const signed = Int32Array.from({ length: 105 }, (_, i) => (i * 7919) % 65537 - 32768);
const unsigned = Uint32Array.from({ length: 105 }, (_, i) => 2 ** 32 - 1 - i * 7919);
const integers = (["sum", "mean", "max", "min", "product", "l1", "sumOfSquares"] as const).map((kind) =>
  row("signed", kind, [3, 7, 5], signed, "i32")
);

export const rows: readonly KernelRows[] = [
  { kernel: reduce, rows: floats(100) },
  { kernel: reduceRows, rows: floats(5000) },
  {
    kernel: withElement(reduce, "i32"),
    rows: [...integers, row("nothing", "max", [2, 0, 2], signed, "i32")],
  },
  { kernel: withElement(reduceRows, "i32"), rows: integers },
  ...[reduce, reduceRows].map((kernel) => ({
    kernel: withElement(kernel, "u32"),
    rows: (["sum", "max", "min"] as const).map((kind) => row("large", kind, [3, 7, 5], unsigned, "u32")),
  })),
];
