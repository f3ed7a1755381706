// Reverses the first steps of each sequence, as many as its length.
import { kernel } from "./kernel.ts";

export const reverseSequence = kernel("reverse_sequence", {
  writes: ["y"],
  grid: (n) => [Math.ceil((n.batch * n.time * n.inner) / 64)],
  reference({ x, lengths, y }, n) {
    const [timeStride, batchStride] = n.time_first
      ? [n.batch * n.inner, n.inner]
      : [n.inner, n.time * n.inner];
    for (let b = 0; b < n.batch; b++) {
      const length = Math.min(Math.max(lengths[b], 0), n.time);
      for (let t = 0; t < n.time; t++) {
        const source = t < length ? length - 1 - t : t;
        for (let i = 0; i < n.inner; i++) {
          y[b * batchStride + t * timeStride + i] = x[b * batchStride + source * timeStride + i];
        }
      }
    }
  },
});
