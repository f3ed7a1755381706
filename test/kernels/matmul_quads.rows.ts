import {
  matmulJoin,
  matmulQuads,
  matmulSplit,
  matmulTile,
  matmulWide,
} from "../../src/kernels/matmul_quads.ts";
import { type KernelRows, open, type Row, sums } from "./row.ts";

/** Batches, rows, depth, columns; one b for all batches if `shared`. */
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

const cases: readonly Row[] = [
  row("one row of four", [1, 1, 4, 4]),
  row("odd rows and an odd number of quads", [1, 5, 12, 20]),
  row("bias, factors and clamp", [1, 7, 16, 36], false, true),
  row("batches, one b for all", [3, 6, 8, 12], true),
  row("batches, each with its b", [2, 9, 20, 8]),
  row("several workgroups", [1, 70, 64, 132]),
];

/** Tiles and a little more, and a depth that ends within a step. */
const tiles: readonly Row[] = [
  ...cases,
  row("one tile of 64", [1, 64, 16, 64]),
  row("one tile of 128", [1, 128, 32, 128], false, true),
  row("edges of tiles of 128 and a depth of 21 quads", [2, 133, 84, 260], true, true),
];

/** `splits` parts of `share` quads each, except the last. */
function part(
  name: string,
  [batch, rows, depth, columns]: readonly number[],
  [splits, share]: readonly number[],
): Row {
  const { numbers: { a_batch, b_batch }, buffers: { a, b } } = row(name, [batch, rows, depth, columns]);
  return {
    name,
    numbers: { batch, rows, columns, depth, a_batch, b_batch, splits, share },
    buffers: { a, b, y: new Float32Array(splits * batch * rows * columns) },
    bound: sums,
  };
}

function joinRow(name: string, [batch, rows, columns, splits]: readonly number[], bias = false): Row {
  const { numbers: { has_bias, bias_row, bias_column, alpha, beta, low, high }, buffers } = row(
    name,
    [batch, rows, 4, columns],
    false,
    bias,
  );
  return {
    name,
    numbers: { has_bias, batch, rows, columns, splits, bias_row, bias_column, alpha, beta, low, high },
    buffers: { parts: splits * batch * rows * columns, bias: buffers.bias, y: buffers.y },
    bound: sums,
  };
}

export const rows: readonly KernelRows[] = [
  { kernel: matmulQuads, rows: cases },
  { kernel: matmulTile, rows: tiles },
  { kernel: matmulWide, rows: tiles },
  {
    kernel: matmulSplit,
    rows: [
      part("one part", [1, 1, 4, 4], [1, 1]),
      part("three parts, the last one short", [1, 5, 44, 12], [3, 4]),
      part("batches and several workgroups", [2, 6, 64, 260], [2, 8]),
    ],
  },
  {
    kernel: matmulJoin,
    rows: [
      joinRow("one part", [1, 1, 4, 1]),
      joinRow("three parts, bias, factors and clamp", [1, 5, 12, 3], true),
      joinRow("batches and several workgroups", [2, 9, 36, 4], true),
    ],
  },
];
