// The k greatest or least elements of each line of [outer][count][inner], in order, with their places. An element's
// rank is the number of elements before it; of equals the first is before. NaN is greater than all numbers.
import { kernel } from "./kernel.ts";

export const topK = kernel("top_k", {
  writes: ["values", "places"],
  // Each element is compared with every other; a comparison counts as two operations.
  operations: (n) => 2 * n.outer * n.inner * n.count ** 2,
  grid: (n) => [Math.ceil((n.outer * n.count * n.inner) / 64)],
  reference({ x, values, places }, n) {
    const order = Array.from({ length: n.count }, (_, i) => i);
    for (let line = 0; line < n.outer * n.inner; line++) {
      const [o, i] = [Math.floor(line / n.inner), line % n.inner];
      const at = (place: number, count: number) => (o * count + place) * n.inner + i;
      const less = (a: number, b: number) => a < b || (Number.isNaN(b) && !Number.isNaN(a)) ? -1 : 0;
      const compare = (a: number, b: number) => less(a, b) - less(b, a);
      const sorted = order.toSorted((a, b) => {
        const difference = compare(x[at(a, n.count)], x[at(b, n.count)]);
        return (n.least ? difference : -difference) || a - b;
      });
      for (let rank = 0; rank < n.k; rank++) {
        values[at(rank, n.k)] = x[at(sorted[rank], n.count)];
        places[at(rank, n.k)] = sorted[rank];
      }
    }
  },
});
