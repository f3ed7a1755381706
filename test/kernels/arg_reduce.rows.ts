import { argReduce } from "../../src/kernels/arg_reduce.ts";
import { withElement } from "../../src/kernels/kernel.ts";
import { type Contents, exact, type KernelRows, type Row } from "./row.ts";

type Sizes = readonly [outer: number, count: number, inner: number];

function row(name: string, [outer, count, inner]: Sizes, least: number, last: number, x?: Contents): Row {
  return {
    name: `${name}, ${least ? "least" : "greatest"}, ${last ? "last" : "first"}`,
    numbers: { least, last, outer, count, inner, outer_stride: count * inner, stride: inner },
    buffers: { x: x ?? outer * count * inner, y: new Int32Array(outer * inner) },
    bound: exact,
  };
}

/** Whole numbers, many of them equal. */
const whole = Array.from({ length: 105 }, (_, i) => (i * 53) % 7 - 3);
const kinds = [[0, 0], [0, 1], [1, 0], [1, 1]];
const rowsOver = (x: Contents) => kinds.map(([least, last]) => row("equals", [3, 7, 5], least, last, x));

export const rows: readonly KernelRows[] = [
  {
    kernel: argReduce,
    rows: kinds.flatMap(([least, last]) => [
      row("one number", [1, 1, 1], least, last),
      row("equals", [3, 7, 5], least, last, whole),
      row("several workgroups", [13, 9, 17], least, last),
    ]),
  },
  { kernel: withElement(argReduce, "i32"), rows: rowsOver(Int32Array.from(whole)) },
  { kernel: withElement(argReduce, "u32"), rows: rowsOver(Uint32Array.from(whole, (v) => v + 2 ** 32 - 9)) },
];
