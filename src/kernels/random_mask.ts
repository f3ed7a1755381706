// Ones with a given probability, else zeros: a hash of index, seed and stream, so that the same seed gives the same
// mask on every machine (Jarzynski and Olano, Hash functions for GPU rendering, 2020: pcg_hash).
import { kernel } from "./kernel.ts";

export const randomMask = kernel("random_mask", {
  writes: ["y"],
  grid: (n) => [Math.ceil(n.count / 64)],
  reference({ seed, y }, { count, stream, limit }) {
    const key = hash(seed[0] ^ hash(stream));
    for (let i = 0; i < count; i++) y[i] = Number((hash(i ^ key) >>> 8) < limit);
  },
});

function hash(v: number): number {
  const state = (Math.imul(v, 747796405) + 2891336453) >>> 0;
  const word = Math.imul((state >>> ((state >>> 28) + 4)) ^ state, 277803737) >>> 0;
  return ((word >>> 22) ^ word) >>> 0;
}
