import { conv2dTile, conv2dTiled, conv2dWide } from "../../src/kernels/conv2d_tiled.ts";
import { convolution, type Shape } from "./convolution.ts";
import type { KernelRows, Row } from "./row.ts";

const row = (name: string, shape: Shape) => convolution(conv2dTiled, name, shape);

const cases: readonly Row[] = [
  row("one pixel, one channel", { x: [1, 1, 1, 1], w: [1, 1, 1] }),
  row("3 of 4 channels, 13 of 16, 35 pixels", { x: [1, 3, 7, 9], w: [13, 3, 3], bias: true }),
  row("12 of 16 outputs: half a group of eight", { x: [1, 4, 4, 4], w: [12, 1, 1], bias: true }),
  row("stride 2 and unequal pads", { x: [2, 5, 9, 8], w: [9, 3, 3], strides: [2, 2], pads: [0, 1, 2, 1] }),
  row("dilation, oblong kernel", {
    x: [1, 6, 11, 10],
    w: [10, 3, 2],
    dilations: [2, 3],
    pads: [2, 1, 2, 1],
  }),
  row("unequal strides, Relu6", {
    x: [3, 8, 7, 5],
    w: [8, 2, 5],
    strides: [3, 1],
    pads: [1, 2, 1, 2],
    clamp: [0, 6],
  }),
  row("more padding than input", {
    x: [1, 4, 2, 2],
    w: [8, 3, 3],
    pads: [2, 2, 2, 2],
    clamp: [-0.1, 0.1],
    bias: true,
  }),
  row("pixels of three images in one thread", { x: [3, 4, 1, 1], w: [8, 1, 1], bias: true }),
  row("several workgroups each way", { x: [2, 20, 19, 17], w: [40, 3, 3], pads: [1, 1, 1, 1], bias: true }),
  row("a residual, then Relu", { x: [2, 7, 5, 6], w: [13, 1, 1], bias: true, residual: true, clamp: [0, 9] }),
  row("1 × 1, deep", { x: [1, 130, 6, 7], w: [33, 1, 1], bias: true }),
  row("7 × 7, stride 2, 3 channels", {
    x: [1, 3, 30, 30],
    w: [64, 7, 7],
    strides: [2, 2],
    pads: [3, 3, 3, 3],
  }),
];

/** Tiles and a little more, and depths that end within a step. */
const tiles: readonly Row[] = [
  ...cases,
  row("tiles of 128 pixels and 64 channels exactly", { x: [1, 16, 8, 16], w: [64, 1, 1] }),
  row("edges of tiles: 143 pixels, 68 channels, depth of 45 blocks", {
    x: [1, 18, 11, 13],
    w: [68, 3, 3],
    pads: [1, 1, 1, 1],
    bias: true,
  }),
];

export const rows: readonly KernelRows[] = [
  { kernel: conv2dTiled, rows: cases },
  { kernel: conv2dTile, rows: tiles },
  { kernel: conv2dWide, rows: tiles },
];
