// Adds the segments of second_moments.ts if its rows are the gradient of a convolution's result and its columns the
// patch: the gradient of the weights, in their order.
import { kernel } from "./kernel.ts";

export const weightGradientFold = kernel("weight_gradient_fold", {
  writes: ["dw"],
  grid: (n) => [Math.ceil(n.count / 64)],
  reference({ partial, dw }, n) {
    for (let line = 0; line < n.count; line++) {
      const [tap, slices] = [line % n.taps, Math.floor(line / n.taps)];
      const [slice, channels] = [slices % n.slices, Math.floor(slices / n.slices)];
      const [channel, row] = [channels % n.channels, Math.floor(channels / n.channels)];
      const lane = tap * n.blocks * 4 + slice * n.channels + channel;
      const word = ((Math.floor(row / 16) * n.columns + (lane >> 2)) * 16 + (row % 16)) * 4 + (lane & 3);
      let sum = 0;
      for (let segment = 0; segment < n.segments; segment++) sum += partial[segment * n.segment_words + word];
      dw[line] = sum;
    }
  },
});
