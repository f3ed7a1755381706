// A choice between two operands, element by element, with broadcasting.
import { operandOffsets } from "./lib/broadcast.ts";
import { kernel } from "./kernel.ts";

export const where = kernel("where", {
  writes: ["y"],
  grid: (n) => [Math.ceil(n.count / 64)],
  reference({ condition, a, b, y }, n) {
    const offsets = operandOffsets(n, ["c", "a", "b"]);
    for (let i = 0; i < n.count; i++) {
      const [asked, left, right] = offsets(i);
      y[i] = condition[asked] !== 0 ? a[left] : b[right];
    }
  },
});
