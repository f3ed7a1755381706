import { type Axis, copyNumbers, copyStrided } from "../../src/kernels/copy_strided.ts";
import { type Contents, exact, type KernelRows, type Row } from "./row.ts";

type Copy = {
  readonly x: Contents;
  readonly y: Contents;
  readonly axes: readonly Axis[];
  readonly from?: number;
  readonly to?: number;
  readonly fill?: number;
};

function row(name: string, { x, y, axes, from, to, fill }: Copy): Row {
  return { name, numbers: copyNumbers(axes, from, to, fill), buffers: { x, y }, bound: exact };
}

/** Every bit pattern must survive: codes are integers; as floats they would be NaNs and subnormal numbers. */
const words = Int32Array.of(0, 1, -1, 127, -128, 255, 0x7fffffff, -0x80000000, 0x7f800001, 0x00400000);

export const rows: readonly KernelRows[] = [{
  kernel: copyStrided,
  rows: [
    row("one number", { x: 1, y: 1, axes: [{ count: 1, inStride: 1, outStride: 1 }] }),
    row("transpose", {
      x: 3 * 5 * 7,
      y: 3 * 5 * 7,
      axes: [
        { count: 7, inStride: 1, outStride: 15 },
        { count: 3, inStride: 35, outStride: 5 },
        { count: 5, inStride: 7, outStride: 1 },
      ],
    }),
    row("backwards, every third", {
      x: 20,
      y: 7,
      axes: [{ count: 7, inStride: -3, outStride: 1 }],
      from: 19,
    }),
    row("padding on both sides", {
      x: 3 * 4,
      y: 6 * 9,
      fill: -1.5,
      axes: [
        { count: 6, low: 1, size: 3, inStride: 4, outStride: 9 },
        { count: 9, low: 3, size: 4, inStride: 1, outStride: 1 },
      ],
    }),
    row("negative padding: a crop", {
      x: 10,
      y: 6,
      axes: [{ count: 6, low: -3, size: 7, inStride: 1, outStride: 1 }],
      from: 0,
    }),
    row("into part of a buffer, which keeps the rest", {
      x: 6,
      y: 30,
      to: 11,
      axes: [{ count: 2, inStride: 3, outStride: 10 }, { count: 3, inStride: 1, outStride: 1 }],
    }),
    row("to channels last, 5 of 8 lanes", {
      x: 2 * 5 * 21,
      y: 2 * 8 * 21,
      axes: [
        { count: 2, inStride: 105, outStride: 168 },
        { count: 8, size: 5, inStride: 21, outStride: 1 },
        { count: 21, inStride: 1, outStride: 8 },
      ],
    }),
    row("six dimensions, one repeated, several workgroups", {
      x: 4 * 3 * 2 * 5 * 2,
      y: 4 * 3 * 2 * 3 * 5 * 2,
      axes: [
        { count: 4, inStride: 60, outStride: 180 },
        { count: 3, inStride: 20, outStride: 60 },
        { count: 2, inStride: 10, outStride: 30 },
        { count: 3, inStride: 0, outStride: 10 },
        { count: 5, inStride: 2, outStride: 2 },
        { count: 2, inStride: 1, outStride: 1 },
      ],
    }),
    row("six dimensions, each padded on both sides", {
      x: 72,
      y: 4 * 5 * 3 * 4 * 5 * 4,
      fill: 2,
      axes: [2, 3, 1, 2, 3, 2].map((size, axis) => ({
        count: size + 2,
        low: 1,
        size,
        inStride: [36, 12, 12, 6, 2, 1][axis],
        outStride: [1200, 240, 80, 20, 4, 1][axis],
      })),
    }),
    row("integers, bit for bit", {
      x: words,
      y: new Int32Array(words.length),
      axes: [{ count: words.length, inStride: -1, outStride: 1 }],
      from: words.length - 1,
    }),
  ],
}];
