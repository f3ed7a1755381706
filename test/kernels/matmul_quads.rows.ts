import { matmulQuads } from "../../src/kernels/matmul_quads.ts";
import { type KernelRows, open, type Row, sums } from "./row.ts";

/** Batches, rows, depth, columns; one b for all batches where `shared`. */
function row(
  name: string,
  [batch, rows, depth, columns]: readonly number[],
  shared = false,
  bias = false,
): Row {
  return {
    name,
    numbers: {
      has_bias: Number(bias),
      batch,
      rows,
      columns,
      depth,
      a_batch: (rows * depth) / 4,
      b_batch: shared ? 0 : (depth * columns) / 4,
      bias_row: 0,
      bias_column: 1,
      alpha: bias ? 0.5 : 1,
      beta: bias ? 2 : 1,
      ...(bias ? { low: -1, high: 1 } : open),
    },
    buffers: {
      a: batch * rows * depth,
      b: (shared ? 1 : batch) * depth * columns,
      bias: bias ? columns : undefined,
      y: new Float32Array(batch * rows * columns),
    },
    bound: sums,
  };
}

export const rows: readonly KernelRows[] = [{
  kernel: matmulQuads,
  rows: [
    row("one row of four", [1, 1, 4, 4]),
    row("odd rows and an odd number of quads", [1, 5, 12, 20]),
    row("bias, factors and clamp", [1, 7, 16, 36], false, true),
    row("batches, one b for all", [3, 6, 8, 12], true),
    row("batches of their own", [2, 9, 20, 8]),
    row("several workgroups", [1, 70, 64, 132]),
  ],
}];
