// Functions of codes as tables: of one code, of one code into some channels of the result, and of two codes.
import { kernel } from "./kernel.ts";
import { byteOf, packBytes } from "./lib/bytes.ts";

/** The numbers of kernels whose threads take eight words each. */
export const tableNumbers = (words: number) => ({ words, step: Math.ceil(words / 8) });

export const qtable = kernel("qtable", {
  writes: ["y"],
  grid: (n) => [Math.ceil(n.step / 64)],
  reference({ x, table, y }, { words }) {
    for (let word = 0; word < words; word++) {
      y[word] = packBytes([0, 1, 2, 3].map((lane) => table[byteOf(x[word], lane) + 128]));
    }
  },
});

export const qtableChannels = kernel("qtable_channels", {
  writes: ["y"],
  grid: (n) => [Math.ceil(n.words / 64)],
  reference({ x, table, y }, n) {
    for (let line = 0; line < n.words; line++) {
      const row = Math.floor(line / n.touched);
      const word = Math.floor(n.first / 4) + (line % n.touched);
      const at = row * n.out_blocks + word;
      const bytes = [0, 1, 2, 3].map((lane) => {
        const channel = word * 4 + lane - n.first;
        if (channel < 0 || channel >= n.channels) return byteOf(y[at], lane);
        return table[byteOf(x[row * n.blocks + (channel >> 2)], channel & 3) + 128];
      });
      y[at] = packBytes(bytes);
    }
  },
});

export const qbinaryTable = kernel("qbinary_table", {
  writes: ["y"],
  grid: (n) => [Math.ceil(n.step / 64)],
  reference({ a, b, table, y }, { words }) {
    for (let word = 0; word < words; word++) {
      const bytes = [0, 1, 2, 3].map((lane) => {
        const at = (byteOf(a[word], lane) + 128) * 256 + byteOf(b[word], lane) + 128;
        return byteOf(table[at >> 2], at & 3);
      });
      y[word] = packBytes(bytes);
    }
  },
});
