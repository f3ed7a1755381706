// Batch normalization at inference, for nodes that could not be folded into a convolution.
import { kernel } from "./kernel.ts";

export const batchNormalization = kernel("batch_normalization", {
  writes: ["y"],
  grid: (n) => [Math.ceil(n.count / 64)],
  reference({ x, scale, bias, mean, variance, y }, n) {
    for (let i = 0; i < n.count; i++) {
      const c = Math.floor(i / n.inner) % n.stride_channels;
      const gain = scale[c] / Math.sqrt(variance[c] + n.epsilon);
      y[i] = c < n.channels ? (x[i] - mean[c]) * gain + bias[c] : 0;
    }
  },
});
