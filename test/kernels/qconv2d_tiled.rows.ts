import {
  qconv2dMatrix16x16x16,
  qconv2dMatrix16x16x32,
  qconv2dMatrix8x16x32,
  qconv2dTile,
  qconv2dTiled,
  qconv2dWidened,
} from "../../src/kernels/qconv2d_tiled.ts";
import { type Case, codedRows, pads, signed } from "./coded_convolution.ts";
import { implicitRows } from "./implicit_codes.ts";
import type { KernelRows } from "./row.ts";

export const tiled: readonly Case[] = [
  ["one pixel, one channel", { x: [1, 1, 1, 1], w: [1, 1, 1] }],
  ["3 of 4 channels, 13 of 16", { x: [1, 3, 7, 9], w: [13, 3, 3], bias: true }, { perChannel: true }],
  ["12 of 16 outputs: half a group of eight", { x: [1, 4, 4, 4], w: [12, 1, 1], bias: true }, signed],
  ["stride 2, unequal pads", { x: [2, 5, 9, 8], w: [9, 3, 3], strides: [2, 2], pads: [0, 1, 2, 1] }, signed],
  ["dilation, oblong kernel", { x: [1, 6, 11, 10], w: [10, 3, 2], dilations: [2, 3], pads: [2, 1, 2, 1] }],
  ["unequal strides", { x: [3, 8, 7, 5], w: [8, 2, 5], strides: [3, 1], pads: [1, 2, 1, 2] }],
  ["more padding than input", { x: [1, 4, 2, 2], w: [8, 3, 3], pads: [2, 2, 2, 2], bias: true }],
  ["a clamp in real numbers", { x: [1, 5, 6, 7], w: [6, 3, 3], pads, clamp: [-20000, 30000] }, signed],
  ["saturation at both ends", { x: [1, 5, 6, 7], w: [6, 3, 3], pads }, { scaleY: 20, perChannel: true }],
  ["zero points at the ends", { x: [1, 5, 6, 7], w: [6, 3, 3], pads }, { zeroX: 255, zeroY: 0 }],
  ["pixels of three images in one thread", { x: [3, 4, 1, 1], w: [8, 1, 1], bias: true }],
  ["several workgroups each way", { x: [2, 20, 19, 17], w: [40, 3, 3], pads, bias: true }],
  ["1 × 1, deep", { x: [1, 130, 6, 7], w: [33, 1, 1], bias: true }],
  ["3 × 3, deep", { x: [1, 50, 5, 6], w: [12, 3, 3], pads, bias: true }],
  ["a window of many columns", { x: [1, 7, 2, 70], w: [9, 2, 64], bias: true }],
  ["7 × 7, stride 2, 3 channels", { x: [1, 3, 30, 30], w: [64, 7, 7], strides: [2, 2], pads: [3, 3, 3, 3] }],
];

export const matrices: readonly KernelRows[] = [
  qconv2dMatrix16x16x32,
  qconv2dMatrix16x16x16,
  qconv2dMatrix8x16x32,
].map((kernel) => ({ kernel, rows: implicitRows }));

export const rows: readonly KernelRows[] = [
  { kernel: qconv2dTiled, rows: codedRows(qconv2dTiled, tiled) },
  { kernel: qconv2dTile, rows: implicitRows },
  { kernel: qconv2dWidened, rows: implicitRows },
  ...matrices,
];
