import { matmul } from "../../src/kernels/matmul.ts";
import { type KernelRows, open, type Row, sums } from "./row.ts";

type Product = {
  /** Batches, rows, depth, columns. */
  readonly sizes: readonly [number, number, number, number];
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
  /** One b for all batches. */
  readonly shared?: boolean;
  readonly bias?: "row" | "column" | "full" | "scalar";
  readonly alpha?: number;
  readonly beta?: number;
  readonly clamp?: readonly [number, number];
};

function row(name: string, product: Product): Row {
  const { sizes: [batch, rows, depth, columns], transposeA, transposeB, shared, bias } = product;
  const [low, high] = product.clamp ?? [open.low, open.high];
  const strides = { row: [1, 0], column: [0, 1], full: [columns, 1], scalar: [0, 0], none: [0, 0] };
  const words = { row: rows, column: columns, full: rows * columns, scalar: 1, none: undefined };
  const [bias_row, bias_column] = strides[bias ?? "none"];
  return {
    name,
    numbers: {
      has_bias: Number(bias !== undefined),
      batch,
      rows,
      columns,
      depth,
      a_batch: rows * depth,
      a_row: transposeA ? 1 : depth,
      a_depth: transposeA ? rows : 1,
      b_batch: shared ? 0 : depth * columns,
      b_depth: transposeB ? 1 : columns,
      b_column: transposeB ? depth : 1,
      bias_row,
      bias_column,
      alpha: product.alpha ?? 1,
      beta: product.beta ?? 1,
      low,
      high,
    },
    buffers: {
      a: batch * rows * depth,
      b: (shared ? 1 : batch) * depth * columns,
      bias: words[bias ?? "none"],
      y: batch * rows * columns,
    },
    bound: sums,
  };
}

export const rows: readonly KernelRows[] = [{
  kernel: matmul,
  rows: [
    row("one by one", { sizes: [1, 1, 1, 1] }),
    row("odd sizes, a bias per column", { sizes: [1, 5, 7, 9], bias: "column" }),
    row("both transposed, a bias per row", {
      sizes: [1, 6, 3, 11],
      transposeA: true,
      transposeB: true,
      bias: "row",
    }),
    row("a transposed, alpha and beta, full bias", {
      sizes: [1, 9, 10, 4],
      transposeA: true,
      bias: "full",
      alpha: 0.5,
      beta: -2,
    }),
    row("b transposed, scalar bias, Relu6", {
      sizes: [1, 2, 33, 10],
      transposeB: true,
      bias: "scalar",
      clamp: [0, 6],
    }),
    row("batches, each with its b", { sizes: [3, 5, 6, 7] }),
    row("batches that share b", { sizes: [4, 3, 5, 6], shared: true, bias: "full" }),
    row("several workgroups", { sizes: [2, 70, 129, 67], transposeB: true, bias: "column" }),
  ],
}];
