// Normalization of lines by their own mean and variance: for Layer-, RMS-, Instance- and GroupNormalization.
// Two passes, mean before variance: E[x²] − E[x]² cancels.
import { kernel } from "./kernel.ts";
import { firstOf } from "./reduce.ts";

export const normalizeLines = kernel("normalize_lines", {
  writes: ["y", "mean", "inverse"],
  grid: (n) => [n.outer * n.inner],
  reference({ x, scale, bias, y, mean, inverse }, n) {
    for (let line = 0; line < n.outer * n.inner; line++) {
      const first = firstOf(line, n);
      const channel = line % n.stride_channels;
      const padding = channel >= n.channels;
      let center = 0;
      for (let k = 0; k < n.count; k++) center += x[first + k * n.stride] / n.count;
      if (n.centered === 0) center = 0;
      let variance = 0;
      for (let k = 0; k < n.count; k++) variance += (x[first + k * n.stride] - center) ** 2 / n.count;
      const factor = 1 / Math.sqrt(variance + n.epsilon);
      mean[line] = center;
      inverse[line] = factor;
      for (let k = 0; k < n.count; k++) {
        const at = first + k * n.stride;
        const c = channel * n.scale_step + Math.floor(k / n.scale_inner);
        const v = (x[at] - center) * factor * (n.has_scale ? scale[c] : 1) + (n.has_bias ? bias[c] : 0);
        y[at] = padding ? 0 : v;
      }
    }
  },
});
