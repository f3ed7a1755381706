// Products of row-major matrices whose depth and columns are multiples of four: four-element loads along both.
import { kernel } from "./kernel.ts";
import { matmul } from "./matmul.ts";

export const matmulQuads = kernel("matmul_quads", {
  writes: ["y"],
  operations: matmul.operations,
  grid: (n) => [Math.ceil(n.columns / 64), Math.ceil(n.rows / 32), n.batch],
  reference(buffers, n) {
    const strides = { a_row: n.depth, a_depth: 1, b_depth: n.columns, b_column: 1 };
    matmul.reference(buffers, { ...n, ...strides, a_batch: n.a_batch * 4, b_batch: n.b_batch * 4 });
  },
});
