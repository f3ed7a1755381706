// Matrix product over any element type, with any number of batches (a grid's third dimension is limited).
import { kernel } from "./kernel.ts";

export const matmulPlain = kernel("matmul_plain", {
  writes: ["y"],
  grid: (n) => [Math.ceil((n.batch * n.rows * n.columns) / 64)],
  reference({ a, b, y }, n, element = "f32") {
    // Integers wrap around at 32 bits on a device, but not in doubles (constant folding).
    const wraps = element !== "f32" && !(y instanceof Float64Array);
    for (let i = 0; i < n.batch * n.rows * n.columns; i++) {
      const row = Math.floor(i / n.columns);
      const left = Math.floor(row / n.rows) * n.a_batch + (row % n.rows) * n.a_row;
      const right = Math.floor(row / n.rows) * n.b_batch + (i % n.columns) * n.b_column;
      let sum = 0;
      for (let k = 0; k < n.depth; k++) {
        const [p, q] = [a[left + k * n.a_depth], b[right + k * n.b_depth]];
        sum = wraps ? (sum + Math.imul(p, q)) | 0 : sum + p * q;
      }
      if (n.has_low) sum = Math.max(sum, n.low);
      if (n.has_high) sum = Math.min(sum, n.high);
      y[i] = sum;
    }
  },
});
