// The average of each channel of each image, on codes: an int32 sum, requantized.
import { kernel } from "./kernel.ts";
import { byteOf, packBytes } from "./lib/bytes.ts";
import { requantize } from "./lib/coded_sums.ts";

export const qglobalAverage = kernel("qglobal_average", {
  writes: ["y"],
  grid: (n) => [Math.ceil(n.words / 64)],
  reference({ x, y }, n) {
    const multiplier = Math.fround(n.multiplier);
    for (let word = 0; word < n.words; word++) {
      const first = Math.floor(word / n.blocks) * n.pixels * n.blocks + (word % n.blocks);
      const bytes = [0, 1, 2, 3].map((lane) => {
        let sum = n.offset;
        for (let pixel = 0; pixel < n.pixels; pixel++) sum += byteOf(x[first + pixel * n.blocks], lane);
        return requantize(sum, multiplier, n);
      });
      y[word] = packBytes(bytes);
    }
  },
});
