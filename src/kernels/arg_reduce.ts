// The index of the greatest or least element of each line of x; of several, the first or the last.
import { kernel } from "./kernel.ts";
import { firstOf } from "./reduce.ts";

export const argReduce = kernel("arg_reduce", {
  writes: ["y"],
  grid: (n) => [Math.ceil((n.outer * n.inner) / 64)],
  reference({ x, y }, n) {
    for (let line = 0; line < n.outer * n.inner; line++) {
      const first = firstOf(line, n);
      let place = 0;
      for (let k = 1; k < n.count; k++) {
        const [v, best] = [x[first + k * n.stride], x[first + place * n.stride]];
        if ((n.least ? v < best : v > best) || (n.last && v === best)) place = k;
      }
      y[line] = place;
    }
  },
});
