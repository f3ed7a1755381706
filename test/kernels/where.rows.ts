import { withElement } from "../../src/kernels/kernel.ts";
import { where } from "../../src/kernels/where.ts";
import { channels, crossed, type Dims, integers, one, places, product } from "./broadcasting.ts";
import { type Contents, exact, type KernelRows, type Row } from "./row.ts";

function row(
  name: string,
  c: Dims,
  a: Dims,
  b: Dims,
  contents: (count: number, seed: number) => Contents,
): Row {
  const numbers = places({ c, a, b });
  return {
    name,
    numbers,
    buffers: {
      condition: Int32Array.from(integers(product(c), 8, true), (v) => v % 2),
      a: contents(product(a), 1),
      b: contents(product(b), 2),
      y: contents(numbers.count, 3),
    },
    bound: exact,
  };
}

const rowsOver = (contents: (count: number, seed: number) => Contents) => [
  row("one number", one, one, one, contents),
  row("six dimensions, each repeated twice", crossed[0], crossed[1], one, contents),
  row("several workgroups, one condition per channel", channels[1], channels[0], channels[0], contents),
];

export const rows: readonly KernelRows[] = [
  { kernel: where, rows: rowsOver((count, seed) => integers(count, 8, false, seed).map((v) => v / 4)) },
  {
    kernel: withElement(where, "i32"),
    rows: rowsOver((count, seed) => Int32Array.from(integers(count, 32, false, seed))),
  },
  {
    kernel: withElement(where, "u32"),
    rows: rowsOver((count, seed) => Uint32Array.from(integers(count, 32, true, seed))),
  },
];
