import { withElement } from "../../src/kernels/kernel.ts";
import { matmulPlain } from "../../src/kernels/matmul_plain.ts";
import { type Contents, exact, type KernelRows, open, type Row, sums } from "./row.ts";

type Product = {
  /** Batches, rows, depth, columns. */
  readonly sizes: readonly [number, number, number, number];
  /** One b for all batches. */
  readonly shared?: boolean;
  readonly transposed?: boolean;
  readonly clamp?: readonly [number | undefined, number | undefined];
};
type Make = (count: number) => Contents;

function row(name: string, product: Product, make: Make = (count) => count, bound = sums): Row {
  const { sizes: [batch, rows, depth, columns], shared, transposed, clamp = [] } = product;
  return {
    name,
    numbers: {
      batch,
      rows,
      columns,
      depth,
      a_batch: rows * depth,
      a_row: transposed ? 1 : depth,
      a_depth: transposed ? rows : 1,
      b_batch: shared ? 0 : depth * columns,
      b_depth: columns,
      b_column: 1,
      has_low: Number(clamp[0] !== undefined),
      has_high: Number(clamp[1] !== undefined),
      low: clamp[0] ?? open.low,
      high: clamp[1] ?? open.high,
    },
    buffers: {
      a: make(batch * rows * depth),
      b: make((shared ? 1 : batch) * depth * columns),
      y: make(batch * rows * columns),
    },
    bound,
  };
}

/** Numbers of all 32 bits, so that products wrap around. */
const signedWords: Make = (count) => Int32Array.from({ length: count }, (_, i) => (i * 1_000_003_579) | 0);
const unsignedWords: Make = (count) =>
  Uint32Array.from({ length: count }, (_, i) => (i * 1_000_003_579) >>> 0);
const small: Make = (count) => Int32Array.from({ length: count }, (_, i) => (i * 37) % 19 - 9);

export const rows: readonly KernelRows[] = [{
  kernel: matmulPlain,
  rows: [
    row("one by one", { sizes: [1, 1, 1, 1] }),
    row("batches, each with its b", { sizes: [3, 5, 6, 7] }),
    row("batches that share b, a transposed, clamped", {
      sizes: [4, 3, 5, 6],
      shared: true,
      transposed: true,
      clamp: [0, 1],
    }),
    row("more batches than a grid is deep", { sizes: [66000, 1, 2, 1] }),
  ],
}, {
  kernel: withElement(matmulPlain, "i32"),
  rows: [
    row("one by one", { sizes: [1, 1, 1, 1] }, signedWords, exact),
    row("sums that wrap around", { sizes: [2, 5, 70, 9] }, signedWords, exact),
    row("clamped from below", { sizes: [1, 7, 5, 11], clamp: [0, undefined] }, small, exact),
  ],
}, {
  kernel: withElement(matmulPlain, "u32"),
  rows: [
    row("one by one", { sizes: [1, 1, 1, 1] }, unsignedWords, exact),
    row("sums that wrap around", { sizes: [2, 5, 70, 9] }, unsignedWords, exact),
    row("batches that share b", { sizes: [4, 3, 5, 6], shared: true }, unsignedWords, exact),
  ],
}];
