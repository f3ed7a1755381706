// One side of the diagonal of each matrix.
import { kernel } from "./kernel.ts";

export const triangle = kernel("triangle", {
  writes: ["y"],
  grid: (n) => [Math.ceil(n.count / 64)],
  reference({ x, y }, n) {
    for (let i = 0; i < n.count; i++) {
      const right = i % n.columns - Math.floor(i / n.columns) % n.rows;
      y[i] = (n.upper ? right >= n.shift : right <= n.shift) ? x[i] : 0;
    }
  },
});
