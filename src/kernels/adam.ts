// One step of Adam (arXiv 1412.6980) over all elements of a parameter.
import { kernel } from "./kernel.ts";

export const adam = kernel("adam", {
  writes: ["y", "next_mean", "next_square"],
  grid: (n) => [Math.ceil(n.quads / 64)],
  reference({ w, gradient, mean, square, schedule, y, next_mean, next_square }, { beta1, beta2, epsilon }) {
    const [rate, forMean, forSquare] = schedule;
    for (let i = 0; i < y.length; i++) {
      const g = gradient[i];
      const m = mean[i] + (1 - beta1) * (g - mean[i]);
      const v = square[i] + (1 - beta2) * (g * g - square[i]);
      next_mean[i] = m;
      next_square[i] = v;
      y[i] = w[i] - rate * m * forMean / (Math.sqrt(v * forSquare) + epsilon);
    }
  },
});
