import { withElement } from "../../src/kernels/kernel.ts";
import { topK } from "../../src/kernels/top_k.ts";
import { type Contents, exact, type KernelRows, type Row } from "./row.ts";

type Sizes = readonly [outer: number, count: number, inner: number];

function row(name: string, [outer, count, inner]: Sizes, k: number, least: number, x?: Contents): Row {
  const words = outer * k * inner;
  const values = x instanceof Int32Array
    ? new Int32Array(words)
    : x instanceof Uint32Array
    ? new Uint32Array(words)
    : words;
  return {
    name: `${name}, ${least ? "least" : "greatest"} ${k}`,
    numbers: { least, floating: Number(typeof values === "number"), outer, count, inner, k },
    buffers: { x: x ?? outer * count * inner, values, places: new Int32Array(words) },
    bound: exact,
  };
}

/** Whole numbers, many of them equal. */
const whole = Array.from({ length: 105 }, (_, i) => (i * 53) % 7 - 3);
const noNumbers = [1, NaN, Infinity, -1, NaN, -Infinity, 0, 2];
const rowsOver = (x: Contents) =>
  [1, 3, 7].flatMap((k) => [0, 1].map((least) => row("equals", [3, 7, 5], k, least, x)));

export const rows: readonly KernelRows[] = [
  {
    kernel: topK,
    rows: [0, 1].flatMap((least) => [
      row("one number", [1, 1, 1], 1, least),
      row("equals", [3, 7, 5], 4, least, whole),
      row("all of them", [2, 9, 3], 9, least),
      row("NaN", [1, 8, 1], 8, least, noNumbers),
      row("several workgroups", [3, 300, 2], 20, least),
    ]),
  },
  { kernel: withElement(topK, "i32"), rows: rowsOver(Int32Array.from(whole)) },
  { kernel: withElement(topK, "u32"), rows: rowsOver(Uint32Array.from(whole, (v) => v + 2 ** 32 - 9)) },
];
