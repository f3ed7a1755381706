// Matrix product with any strides: Gemm, MatMul and their transposes.
import { kernel } from "./kernel.ts";

export const matmul = kernel("matmul", {
  writes: ["y"],
  operations: (n) => 2 * n.batch * n.rows * n.columns * n.depth,
  grid: (n) => [Math.ceil(n.columns / 32), Math.ceil(n.rows / 32), n.batch],
  reference({ a, b, bias, y }, n) {
    for (let batch = 0; batch < n.batch; batch++) {
      for (let row = 0; row < n.rows; row++) {
        for (let column = 0; column < n.columns; column++) {
          let sum = 0;
          for (let k = 0; k < n.depth; k++) {
            sum += a[batch * n.a_batch + row * n.a_row + k * n.a_depth] *
              b[batch * n.b_batch + k * n.b_depth + column * n.b_column];
          }
          let value = n.alpha * sum;
          if (n.has_bias) value += n.beta * bias[row * n.bias_row + column * n.bias_column];
          y[(batch * n.rows + row) * n.columns + column] = Math.min(Math.max(value, n.low), n.high);
        }
      }
    }
  },
});
