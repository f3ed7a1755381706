// Counts in at most 2,048 bins of power-of-two width aligned at zero; src/calibrate/histogram.ts uses the same bins and
// merges the counts of batches exactly.
import { type Kernel, kernel, type Numbers, type Sample } from "./kernel.ts";
import { flushSubnormal, isElement, shareGroups } from "./range.ts";

export const binCount = 2048;

const declared: Omit<Kernel, "stem"> = {
  writes: ["extent", "y"],
  grid: (n) => [shareGroups(n.quads)],
  reference({ x, partial, extent, y }, n) {
    extent.set(partial.subarray(0, 4));
    for (let group = 1; group < n.groups; group++) {
      extent[0] = Math.min(extent[0], partial[group * 4]);
      extent[1] = Math.max(extent[1], partial[group * 4 + 1]);
      extent[2] += partial[group * 4 + 2];
    }
    extent[3] = 0;
    const low = Math.min(extent[0], 0);
    const inverse = inverseWidth(low, Math.max(extent[1], 0));
    const first = Math.floor(low * inverse);
    for (let i = 0; i < n.quads * 4; i++) {
      if (!isElement(i, n) || !Number.isFinite(x[i])) continue;
      y[Math.min(Math.max(Math.floor(flushSubnormal(x[i]) * inverse) - first, 0), binCount - 1)]++;
    }
  },
};

const quadsPerGroup = 65536;

/**
 * The same counts without workgroup atomics: eight invocations with 16-bit counters each; in a share of 65,536 quads
 * each counts 32,768 elements. Few workgroups, because each clears and merges 16,384 counters.
 */
export const histogramLanes = kernel("histogram_lanes", {
  ...declared,
  grid: ({ quads }) => [2 * Math.ceil(quads / (2 * quadsPerGroup))],
});

/** Numbers distributed like activations, up to a million. */
function sample(_: Numbers, work: number): Sample {
  const quads = Math.min(2 ** 18, Math.ceil(work / 4));
  const x = Float32Array.from({ length: quads * 4 }, (_, i) => (((i * 7919) % 10007) / 10007) ** 3);
  return {
    numbers: { quads, padded: 0, blocks: 1, limit: quads * 4, groups: 1 },
    buffers: {
      x,
      partial: Float32Array.of(0, 1, 0, 0),
      extent: { words: 4, type: "f32" },
      y: { words: binCount, type: "u32" },
    },
  };
}

export const histogram = kernel("histogram", {
  ...declared,
  // The speed of the device's atomics decides, not the number of elements: one bucket.
  variants: { others: () => [histogramLanes], bucket: () => "any", work: ({ quads }) => quads * 4, sample },
});

/** 1 / 2^e for the least e ≥ −120 whose bins cover [low, high] with at most 2,048 of them. */
export function inverseWidth(low: number, high: number): number {
  const extent = Math.max(-low, high);
  let exponent = extent > 0 ? Math.max(Math.floor(Math.log2(extent)) - 12, -120) : -120;
  while (Math.floor(high * 2 ** -exponent) - Math.floor(low * 2 ** -exponent) >= binCount) exponent++;
  return 2 ** -exponent;
}
