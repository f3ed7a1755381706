// Counts in at most 2,048 bins of power-of-two width aligned at zero; src/calibrate/histogram.ts has the same rule
// and merges the counts of batches exactly.
import { kernel } from "./kernel.ts";
import { shareGroups } from "./range.ts";

export const binCount = 2048;
/** Subnormal numbers count as zero, for devices may flush them. */
export const smallestNormal = 2 ** -126;

export const histogram = kernel("histogram", {
  writes: ["y"],
  grid: (n) => [shareGroups(n.count)],
  reference({ x, extent, y }, n) {
    const low = Math.min(extent[0], 0);
    const inverse = inverseWidth(low, Math.max(extent[1], 0));
    const first = Math.floor(low * inverse);
    for (let i = 0; i < n.count; i++) {
      if (i % n.stride_channels >= n.channels || !Number.isFinite(x[i])) continue;
      const v = Math.abs(x[i]) < smallestNormal ? 0 : x[i];
      y[Math.min(Math.max(Math.floor(v * inverse) - first, 0), binCount - 1)]++;
    }
  },
});

/** 1 / 2^e for the least e ≥ −120 whose bins cover [low, high] with at most 2,048 of them. */
export function inverseWidth(low: number, high: number): number {
  const extent = Math.max(-low, high);
  let exponent = extent > 0 ? Math.max(Math.floor(Math.log2(extent)) - 12, -120) : -120;
  while (Math.floor(high * 2 ** -exponent) - Math.floor(low * 2 ** -exponent) >= binCount) exponent++;
  return 2 ** -exponent;
}

export const clear = kernel("clear", {
  writes: ["y"],
  grid: (n) => [Math.ceil(n.count / 64)],
  reference({ y }) {
    y.fill(0);
  },
});
