import { qconv2dDepthwise } from "../../src/kernels/qconv2d_depthwise.ts";
import { type Case, codedRows, type Coding, pads, signed } from "./coded_convolution.ts";
import type { Shape } from "./convolution.ts";
import type { KernelRows } from "./row.ts";

const cases: readonly (readonly [string, Omit<Shape, "group">, Coding?])[] = [
  ["smallest", { x: [1, 2, 1, 1], w: [2, 1, 1] }],
  ["odd sizes", { x: [1, 5, 7, 9], w: [5, 3, 3], pads, bias: true }, { perChannel: true }],
  ["stride 2, unequal pads", { x: [2, 7, 9, 8], w: [7, 3, 3], strides: [2, 2], pads: [0, 1, 1, 0] }, signed],
  ["dilation, oblong", { x: [1, 4, 12, 11], w: [4, 2, 5], dilations: [3, 2], clamp: [0, 9000] }, signed],
  ["unequal strides", { x: [1, 3, 8, 13], w: [3, 3, 2], strides: [1, 3], pads: [2, 1, 2, 1] }],
  ["saturation at both ends", { x: [1, 6, 6, 7], w: [6, 3, 3], pads }, { scaleY: 9 }],
  ["a window of many columns", { x: [1, 6, 1, 260], w: [6, 2, 256], pads }],
  ["several workgroups", { x: [2, 33, 15, 14], w: [33, 3, 3], pads, bias: true }, { perChannel: true }],
];

export const depthwise = cases.map(([name, shape, coding]): Case => {
  return [name, { ...shape, group: shape.x[1] }, coding];
});

export const rows: readonly KernelRows[] = [
  { kernel: qconv2dDepthwise, rows: codedRows(qconv2dDepthwise, depthwise) },
];
