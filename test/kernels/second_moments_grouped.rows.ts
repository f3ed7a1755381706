import { secondMomentsGrouped } from "../../src/kernels/second_moments_grouped.ts";
import { groupedRow } from "./moments.ts";
import type { KernelRows } from "./row.ts";

export const rows: readonly KernelRows[] = [{
  kernel: secondMomentsGrouped,
  rows: [
    groupedRow("smallest", { size: [1, 1], channels: 1, outputs: 1 }),
    groupedRow("depthwise, stride, pads", {
      images: 2,
      size: [7, 5],
      channels: 6,
      outputs: 6,
      groups: 6,
      kernel: [3, 3],
      stride: 2,
      pad: 1,
    }),
    groupedRow("groups of 3 in and 2 out, dilation", {
      size: [8, 9],
      channels: 9,
      outputs: 6,
      groups: 3,
      kernel: [2, 3],
      dilation: 2,
    }),
    groupedRow("pixels apart", {
      images: 2,
      size: [3, 4],
      channels: 4,
      outputs: 6,
      groups: 2,
      kernel: [3, 3],
      pad: 1,
      apart: [3, 2],
    }),
    groupedRow("several workgroups", { size: [3, 4], channels: 10, outputs: 20, kernel: [1, 3] }),
  ],
}];
