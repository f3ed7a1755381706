// Softmax and its logarithm along one axis of [outer][count][inner].
import { kernel } from "./kernel.ts";

export const softmax = kernel("softmax", {
  writes: ["y"],
  grid: (n) => [Math.ceil((n.outer * n.inner) / 64)],
  reference({ x, y }, n) {
    for (let line = 0; line < n.outer * n.inner; line++) {
      const first = Math.floor(line / n.inner) * n.count * n.inner + (line % n.inner);
      let most = -Infinity;
      for (let k = 0; k < n.count; k++) most = Math.max(most, x[first + k * n.inner]);
      let sum = 0;
      for (let k = 0; k < n.count; k++) sum += Math.exp(x[first + k * n.inner] - most);
      for (let k = 0; k < n.count; k++) {
        const at = first + k * n.inner;
        y[at] = n.logarithm ? x[at] - most - Math.log(sum) : Math.exp(x[at] - most) / sum;
      }
    }
  },
});
