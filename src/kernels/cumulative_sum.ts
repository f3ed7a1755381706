// Running sums along one axis of [outer][count][inner].
import { kernel } from "./kernel.ts";

export const cumulativeSum = kernel("cumulative_sum", {
  writes: ["y"],
  grid: (n) => [Math.ceil((n.outer * n.inner) / 64)],
  reference({ x, y }, n) {
    for (let line = 0; line < n.outer * n.inner; line++) {
      const first = Math.floor(line / n.inner) * n.count * n.inner + (line % n.inner);
      let sum = 0;
      for (let k = 0; k < n.count; k++) {
        const at = first + (n.backwards ? n.count - 1 - k : k) * n.inner;
        y[at] = n.exclusive ? sum : sum + x[at];
        sum += x[at];
      }
    }
  },
});
