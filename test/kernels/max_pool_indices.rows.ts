import { withElement } from "../../src/kernels/kernel.ts";
import { maxPoolIndices } from "../../src/kernels/max_pool_indices.ts";
import { threeAxisNumbers, windowOver } from "../../src/ops/lowering/window.ts";
import { type Contents, exact, type KernelRows, type Row } from "./row.ts";

type Pool = {
  /** Images, channels, then sizes. */
  readonly x: readonly number[];
  readonly kernel: readonly number[];
  readonly strides?: readonly number[];
  readonly pads?: readonly number[];
  readonly dilations?: readonly number[];
  readonly columnMajor?: boolean;
};

function row(name: string, pool: Pool, make: (count: number) => Contents = (count) => count): Row {
  const { x: [images, channels, ...size], kernel, strides = [], pads = [], dilations = [] } = pool;
  const window = windowOver(size, kernel, { strides, pads, dilations, auto_pad: "NOTSET" });
  const numbers = threeAxisNumbers(window);
  const { depth, height, width, out_depth, out_height, out_width } = numbers;
  const lanes = Math.ceil(channels / 4) * 4;
  const [index_z, index_y, index_x] = pool.columnMajor
    ? [1, depth, depth * height]
    : [height * width, width, 1];
  return {
    name,
    numbers: { images, channels, lanes, ...numbers, index_z, index_y, index_x },
    buffers: {
      x: make(images * depth * height * width * lanes),
      y: new Int32Array(images * out_depth * out_height * out_width * lanes),
    },
    bound: exact,
  };
}

/** Few distinct numbers, so that there are ties. */
const signedWords = (count: number) => Int32Array.from({ length: count }, (_, i) => (i * 7) % 5 - 3);
const unsignedWords = (count: number) =>
  Uint32Array.from({ length: count }, (_, i) => (i * 1_000_003_579) >>> 0);

const shapes = (make?: (count: number) => Contents) => [
  row("one pixel", { x: [1, 1, 1], kernel: [1] }, make),
  row("columns, pads", { x: [2, 3, 9], kernel: [3], strides: [2], pads: [1, 1] }, make),
  row("pads, dilation, column-major", {
    x: [1, 5, 7, 6],
    kernel: [2, 3],
    pads: [1, 1, 0, 2],
    dilations: [3, 2],
    columnMajor: true,
  }, make),
  row("depth, several workgroups", { x: [2, 6, 5, 6, 7], kernel: [2, 3, 2], strides: [2, 1, 2] }, make),
];

export const rows: readonly KernelRows[] = [
  { kernel: maxPoolIndices, rows: shapes() },
  { kernel: withElement(maxPoolIndices, "i32"), rows: shapes(signedWords) },
  { kernel: withElement(maxPoolIndices, "u32"), rows: shapes(unsignedWords) },
];
