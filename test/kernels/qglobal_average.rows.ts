import { qglobalAverage } from "../../src/kernels/qglobal_average.ts";
import { codeWords } from "./codes.ts";
import { exact, type KernelRows, type Row } from "./row.ts";

type Average = {
  readonly images: number;
  readonly blocks: number;
  readonly pixels: number;
  readonly scale: number;
  /** Zero points of x and y as signed bytes. */
  readonly zeros: readonly [number, number];
};

function row(name: string, { images, blocks, pixels, scale, zeros }: Average, x?: Uint32Array): Row {
  const words = images * blocks;
  return {
    name,
    numbers: {
      words,
      pixels,
      blocks,
      offset: -zeros[0] * pixels,
      multiplier: Math.fround(scale / pixels),
      zero: zeros[1],
      low: -128 - zeros[1],
      high: 127 - zeros[1],
    },
    buffers: { x: x ?? codeWords(words * pixels, 1), y: new Uint32Array(words) },
    bound: exact,
  };
}

export const rows: readonly KernelRows[] = [{
  kernel: qglobalAverage,
  rows: [
    row("one pixel", { images: 1, blocks: 1, pixels: 1, scale: 1, zeros: [0, 0] }),
    row("ties of two pixels", { images: 3, blocks: 5, pixels: 2, scale: 1, zeros: [-128, 3] }),
    row("odd sizes", { images: 3, blocks: 5, pixels: 49, scale: 0.7, zeros: [-128, -100] }),
    row("saturation at both ends", { images: 2, blocks: 3, pixels: 9, scale: 40, zeros: [5, 64] }),
    row(
      "a sum beyond 2^24",
      { images: 1, blocks: 1, pixels: 140000, scale: 0.5, zeros: [-128, -128] },
      new Uint32Array(140000).fill(0x7f7e7d00),
    ),
    row("several workgroups", { images: 20, blocks: 13, pixels: 16, scale: 1.3, zeros: [12, 0] }),
  ],
}];
