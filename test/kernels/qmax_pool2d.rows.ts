import { qmaxPool2d } from "../../src/kernels/qmax_pool2d.ts";
import { windowNumbers, windowOver } from "../../src/ops/lowering/window.ts";
import { codeWords } from "./codes.ts";
import { exact, type KernelRows, type Row } from "./row.ts";

type Pool = {
  /** Images, words of channels, height, width. */
  readonly x: readonly [number, number, number, number];
  readonly kernel: readonly number[];
  readonly strides?: readonly number[];
  readonly pads?: readonly number[];
  readonly dilations?: readonly number[];
  readonly ceil?: boolean;
};

function row(name: string, { x: [images, blocks, height, width], kernel, ceil, ...pool }: Pool): Row {
  const { strides = [], pads = [], dilations = [] } = pool;
  const window = windowOver([height, width], kernel, { strides, pads, dilations, auto_pad: "NOTSET" }, ceil);
  const words = images * window.out[0] * window.out[1] * blocks;
  return {
    name,
    numbers: { words, height, width, blocks, ...windowNumbers(window) },
    buffers: { x: codeWords(images * height * width * blocks, 1), y: new Uint32Array(words) },
    bound: exact,
  };
}

export const rows: readonly KernelRows[] = [{
  kernel: qmaxPool2d,
  rows: [
    row("one pixel", { x: [1, 1, 1, 1], kernel: [1, 1] }),
    row("odd sizes, pads", { x: [2, 3, 7, 9], kernel: [3, 2], strides: [2, 3], pads: [1, 1, 1, 0] }),
    row("windows that end past the padding", {
      x: [1, 1, 6, 6],
      kernel: [3, 3],
      strides: [2, 2],
      pads: [1, 0, 0, 1],
      ceil: true,
    }),
    row("dilation", { x: [1, 2, 9, 8], kernel: [2, 3], dilations: [3, 2], pads: [1, 2, 1, 2] }),
    row("several workgroups", { x: [3, 5, 9, 9], kernel: [3, 3], strides: [2, 2] }),
  ],
}];
