import { qconv2dGrouped } from "../../src/kernels/qconv2d_grouped.ts";
import { type Case, codedRows, pads, signed } from "./coded_convolution.ts";
import type { KernelRows } from "./row.ts";

export const grouped: readonly Case[] = [
  ["smallest", { x: [1, 4, 1, 1], w: [2, 1, 1], group: 2 }],
  ["groups of 3 in and 2 out", { x: [1, 9, 5, 7], w: [6, 3, 3], group: 3, pads, bias: true }, signed],
  ["two filters per channel", { x: [2, 3, 6, 5], w: [6, 3, 3], group: 3, bias: true }, { perChannel: true }],
  ["one channel per group, too wide for sums of floats", { x: [1, 6, 1, 260], w: [6, 1, 257], group: 6 }],
  ["stride, dilation, pads", {
    x: [1, 6, 11, 9],
    w: [10, 3, 2],
    group: 2,
    strides: [2, 1],
    dilations: [1, 3],
    pads: [0, 2, 1, 0],
  }],
  ["saturation at both ends", { x: [1, 6, 6, 7], w: [6, 3, 3], group: 2, pads }, { scaleY: 20 }],
  ["several workgroups", { x: [2, 16, 9, 8], w: [24, 3, 3], group: 4, pads, bias: true }],
];

export const rows: readonly KernelRows[] = [
  { kernel: qconv2dGrouped, rows: codedRows(qconv2dGrouped, grouped) },
];
