import { compare, compareKinds } from "../../src/kernels/compare.ts";
import { withElement } from "../../src/kernels/kernel.ts";
import { channels, crossed, type Dims, integers, one, places, product } from "./broadcasting.ts";
import { type Contents, exact, type KernelRows, type Row } from "./row.ts";

/** Few distinct values, so that some are equal. */
const few = (count: number, seed: number) => integers(count, 8, true, seed).map((v) => v % 3 - 1);

function row(
  name: string,
  kind: number,
  a: Dims,
  b: Dims,
  contents: (count: number, seed: number) => Contents,
): Row {
  const placed = places({ a, b });
  return {
    name: `${compareKinds[kind]}, ${name}`,
    numbers: { kind, ...placed },
    buffers: {
      a: contents(product(a), 1),
      b: contents(product(b), 2),
      y: new Int32Array(placed.count),
    },
    bound: exact,
  };
}

const rowsOver = (contents: (count: number, seed: number) => Contents) =>
  compareKinds.flatMap((_, kind) => [
    row("one pair", kind, one, one, contents),
    row("six dimensions, each repeated once", kind, ...crossed, contents),
    row("several workgroups", kind, ...channels, contents),
  ]);

export const rows: readonly KernelRows[] = [
  { kernel: compare, rows: rowsOver((count, seed) => few(count, seed).map((v) => v / 2)) },
  { kernel: withElement(compare, "i32"), rows: rowsOver((count, seed) => Int32Array.from(few(count, seed))) },
  {
    kernel: withElement(compare, "u32"),
    rows: rowsOver((count, seed) => Uint32Array.from(few(count, seed), (v) => v + 2 ** 31)),
  },
];
