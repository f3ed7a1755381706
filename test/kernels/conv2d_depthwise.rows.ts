import { conv2dDepthwise } from "../../src/kernels/conv2d_depthwise.ts";
import { convolution, type Shape } from "./convolution.ts";
import type { KernelRows } from "./row.ts";

const row = (name: string, channels: number, shape: Omit<Shape, "group">) =>
  convolution(conv2dDepthwise, name, { ...shape, group: channels });

export const rows: readonly KernelRows[] = [{
  kernel: conv2dDepthwise,
  rows: [
    row("smallest", 2, { x: [1, 2, 1, 1], w: [2, 1, 1] }),
    row("odd sizes", 5, { x: [1, 5, 7, 9], w: [5, 3, 3], pads: [1, 1, 1, 1], bias: true }),
    row("stride 2, unequal pads", 7, { x: [2, 7, 9, 8], w: [7, 3, 3], strides: [2, 2], pads: [0, 1, 1, 0] }),
    row("dilation, oblong", 4, {
      x: [1, 4, 12, 11],
      w: [4, 2, 5],
      dilations: [3, 2],
      clamp: [0, 6],
      bias: true,
    }),
    row("unequal strides", 3, { x: [1, 3, 8, 13], w: [3, 3, 2], strides: [1, 3], pads: [2, 1, 2, 1] }),
    row("several workgroups", 33, { x: [2, 33, 15, 14], w: [33, 3, 3], pads: [1, 1, 1, 1], bias: true }),
  ],
}];
