// Marks NaN, or infinities of one sign or both, with 1; all else with 0.
import { kernel } from "./kernel.ts";

export const detect = kernel("detect", {
  writes: ["y"],
  grid: (n) => [Math.ceil(n.count / 64)],
  reference({ x, y }, n) {
    for (let i = 0; i < n.count; i++) {
      const infinite = (n.positive && x[i] === Infinity) || (n.negative && x[i] === -Infinity);
      y[i] = Number(infinite || (n.nan === 1 && Number.isNaN(x[i])));
    }
  },
});
