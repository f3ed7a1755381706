// Least and greatest element, and how many are NaN or infinite, in two steps: workgroups, then one thread over them.
import { kernel } from "./kernel.ts";

/** Workgroups that share `count` elements: at least 16,384 elements each, at most 256 groups. */
export function shareGroups(count: number): number {
  return Math.min(256, Math.max(1, Math.ceil(count / 16384)));
}

const largest = 3.4028234663852886e38;

export const rangePartial = kernel("range_partial", {
  writes: ["y"],
  grid: (n) => [shareGroups(n.count)],
  reference({ x, y }, n) {
    const groups = shareGroups(n.count);
    for (let group = 0; group < groups; group++) {
      let [low, high, bad] = [largest, -largest, 0];
      for (let i = group * 256; i < n.count; i += groups * 256) {
        for (let k = i; k < Math.min(i + 256, n.count); k++) {
          if (k % n.stride_channels >= n.channels) continue;
          if (!Number.isFinite(x[k])) bad++;
          else {
            const v = Math.abs(x[k]) < 2 ** -126 ? 0 : x[k];
            low = Math.min(low, v);
            high = Math.max(high, v);
          }
        }
      }
      y.set([low, high, bad, 0], group * 4);
    }
  },
});

export const rangeTotal = kernel("range_total", {
  writes: ["y"],
  grid: () => [1],
  reference({ x, y }, n) {
    y.set([largest, -largest, 0, 0]);
    for (let group = 0; group < n.groups; group++) {
      y[0] = Math.min(y[0], x[group * 4]);
      y[1] = Math.max(y[1], x[group * 4 + 1]);
      y[2] += x[group * 4 + 2];
    }
  },
});
