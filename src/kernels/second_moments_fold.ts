// Adds the segments of second_moments.ts and arranges lanes in the order of weights.
import { kernel, type Numbers } from "./kernel.ts";

export const secondMomentsFold = kernel("second_moments_fold", {
  writes: ["moments"],
  grid: (n) => [Math.ceil(n.count / 64)],
  reference({ partial, moments }, n) {
    for (let line = 0; line < n.count; line++) {
      const word = wordOf(Math.floor(line / (n.depth + 2)), line % (n.depth + 2), n);
      let sum = 0;
      for (let segment = 0; segment < n.segments; segment++) sum += partial[segment * n.segment_words + word];
      moments[line] = sum;
    }
  },
});

function wordOf(a: number, b: number, n: Numbers): number {
  const lane = (k: number) =>
    k === n.depth ? n.taps * n.blocks * 4 : (k % n.taps) * n.blocks * 4 + Math.floor(k / n.taps);
  const word = (row: number, column: number, columns: number) =>
    ((Math.floor(row / 16) * columns + (column >> 2)) * 16 + (row % 16)) * 4 + (column & 3);
  if (a <= n.depth) {
    const [i, j] = [lane(a), lane(b > n.depth ? a : b)];
    return word(Math.min(i, j), Math.max(i, j), n.columns);
  }
  const o = a - n.depth - 1;
  if (b > n.depth) return n.first_square + word(o, o, Math.ceil(n.y_channels / 4));
  return n.first_y + word(o, lane(b), n.columns);
}
