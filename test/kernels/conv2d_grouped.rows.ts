import { conv2dGrouped } from "../../src/kernels/conv2d_grouped.ts";
import { convolution, type Shape } from "./convolution.ts";
import type { KernelRows } from "./row.ts";

const row = (name: string, shape: Shape) => convolution(conv2dGrouped, name, shape);

export const rows: readonly KernelRows[] = [{
  kernel: conv2dGrouped,
  rows: [
    row("smallest", { x: [1, 4, 1, 1], w: [2, 1, 1], group: 2 }),
    row("groups of 3 in and 2 out", {
      x: [1, 9, 5, 7],
      w: [6, 3, 3],
      group: 3,
      pads: [1, 1, 1, 1],
      bias: true,
    }),
    row("two filters per channel", { x: [2, 3, 6, 5], w: [6, 3, 3], group: 3, clamp: [0, 6], bias: true }),
    row("stride, dilation, pads", {
      x: [1, 6, 11, 9],
      w: [10, 3, 2],
      group: 2,
      strides: [2, 1],
      dilations: [1, 3],
      pads: [0, 2, 1, 0],
    }),
    row("several workgroups", { x: [2, 16, 9, 8], w: [24, 3, 3], group: 4, pads: [1, 1, 1, 1], bias: true }),
  ],
}];
