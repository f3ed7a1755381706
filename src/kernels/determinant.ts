// Determinants by elimination with row exchanges; `work` holds copies of the matrices and is left in echelon form.
import { kernel } from "./kernel.ts";

export const determinant = kernel("determinant", {
  writes: ["work", "y"],
  operations: (n) => 2 * n.matrices * n.size ** 3 / 3,
  grid: (n) => [Math.ceil(n.matrices / 64)],
  reference({ x, work, y }, { matrices, size }) {
    for (let m = 0; m < matrices; m++) {
      const rows = Array.from(
        { length: size },
        (_, r) => Array.from(x.subarray((m * size + r) * size, (m * size + r + 1) * size)),
      );
      let result = 1;
      for (let step = 0; step < size; step++) {
        let best = step;
        for (let r = step + 1; r < size; r++) {
          if (Math.abs(rows[r][step]) > Math.abs(rows[best][step])) best = r;
        }
        if (best !== step) {
          [rows[step], rows[best]] = [rows[best], rows[step]];
          result = -result;
        }
        const pivot = rows[step][step];
        result *= pivot;
        if (pivot === 0) break;
        for (let r = step + 1; r < size; r++) {
          const factor = rows[r][step] / pivot;
          for (let c = step; c < size; c++) rows[r][c] -= factor * rows[step][c];
        }
      }
      work.set(rows.flat(), m * size * size);
      y[m] = result;
    }
  },
});
