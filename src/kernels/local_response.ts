// Local response normalization across channels (Krizhevsky et al., 2012, section 3.3; ONNX LRN).
import { kernel } from "./kernel.ts";

export const localResponse = kernel("local_response", {
  writes: ["y"],
  operations: (n) => 2 * n.count * n.size,
  grid: (n) => [Math.ceil(n.count / 64)],
  reference({ x, y }, n) {
    for (let i = 0; i < n.count; i++) {
      const c = Math.floor(i / n.inner) % n.stride_channels;
      const low = Math.max(0, c - Math.floor((n.size - 1) / 2));
      const high = Math.min(n.channels - 1, c + Math.ceil((n.size - 1) / 2));
      let sum = 0;
      for (let j = low; j <= high; j++) sum += x[i + (j - c) * n.inner] ** 2;
      y[i] = c < n.channels ? x[i] / (n.bias + (n.alpha / n.size) * sum) ** n.beta : 0;
    }
  },
});
