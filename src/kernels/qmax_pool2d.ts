// Maximum pools of codes four to a word.
import { kernel } from "./kernel.ts";
import { byteOf, packBytes } from "./lib/bytes.ts";

export const qmaxPool2d = kernel("qmax_pool2d", {
  writes: ["y"],
  grid: (n) => [Math.ceil(n.words / 64)],
  reference({ x, y }, n) {
    const greatest = [0, 0, 0, 0];
    for (let word = 0; word < n.words; word++) {
      const pixel = Math.floor(word / n.blocks);
      const row = Math.floor(pixel / n.out_width);
      greatest.fill(-128);
      for (let r = 0; r < n.kernel_y; r++) {
        const iy = (row % n.out_height) * n.stride_y - n.pad_top + r * n.dilation_y;
        for (let s = 0; s < n.kernel_x; s++) {
          const ix = (pixel % n.out_width) * n.stride_x - n.pad_left + s * n.dilation_x;
          if (iy < 0 || iy >= n.height || ix < 0 || ix >= n.width) continue;
          const source = (Math.floor(row / n.out_height) * n.height + iy) * n.width + ix;
          const codes = x[source * n.blocks + (word % n.blocks)];
          for (let lane = 0; lane < 4; lane++) greatest[lane] = Math.max(greatest[lane], byteOf(codes, lane));
        }
      }
      y[word] = packBytes(greatest);
    }
  },
});
