// Per workgroup: least and greatest element, and how many are NaN or infinite. The first half of a histogram, whose
// counts it clears.
import { kernel, type Numbers } from "./kernel.ts";

const largest = 3.4028234663852886e38;
const quadsPerTurn = 64;

/** Workgroups that share `quads` groups of four elements: an even number, for two cores, of at most 256. */
export function shareGroups(quads: number): number {
  return Math.min(256, 2 * Math.ceil(quads / 8192));
}

/** Whether word `i` holds an element: beyond `limit`, overall or in every `blocks` quads, there is padding. */
export function isElement(i: number, n: Numbers): boolean {
  return (n.padded ? i % (n.blocks * 4) : i) < n.limit;
}

/** float32 values under 2^−126 in magnitude count as zero: WGSL lets shaders flush them, so every machine does. */
export function flushSubnormal(v: number): number {
  return Math.abs(v) < 2 ** -126 ? 0 : v;
}

export const range = kernel("range", {
  writes: ["y", "counts"],
  grid: (n) => [shareGroups(n.quads)],
  reference({ x, y, counts }, n) {
    counts.fill(0, 0, n.bins);
    const groups = shareGroups(n.quads);
    for (let group = 0; group < groups; group++) {
      let [low, high, bad] = [largest, -largest, 0];
      for (let turn = group; turn * quadsPerTurn < n.quads; turn += groups) {
        const end = Math.min((turn + 1) * quadsPerTurn, n.quads) * 4;
        for (let i = turn * quadsPerTurn * 4; i < end; i++) {
          if (!isElement(i, n)) continue;
          if (!Number.isFinite(x[i])) bad++;
          else {
            low = Math.min(low, flushSubnormal(x[i]));
            high = Math.max(high, flushSubnormal(x[i]));
          }
        }
      }
      y.set([low, high, bad, 0], group * 4);
    }
  },
});
