import { secondMoments } from "../../src/kernels/second_moments.ts";
import { type Geometry, type Part, tiledRow } from "./moments.ts";
import type { KernelRows } from "./row.ts";

const parts: readonly Part[] = ["patch by patch", "y by patch", "y by y"];
const inParts = (name: string, geometry: Geometry) => parts.map((part) => tiledRow(name, part, geometry));

export const rows: readonly KernelRows[] = [{
  kernel: secondMoments,
  rows: [
    ...inParts("smallest", { size: [1, 1], channels: 1, outputs: 1 }),
    ...inParts("five of eight lanes, stride, dilation, pads", {
      images: 2,
      size: [9, 11],
      channels: 5,
      outputs: 7,
      kernel: [3, 2],
      stride: 2,
      dilation: 2,
      pad: 1,
    }),
    ...inParts("pixels apart", {
      images: 2,
      size: [4, 3],
      channels: 6,
      outputs: 5,
      kernel: [3, 2],
      pad: 1,
      apart: [2, 3],
    }),
    ...inParts("a row of pixels, as a product with a matrix has", {
      size: [1, 19],
      channels: 12,
      outputs: 10,
    }),
    ...inParts("several workgroups of columns and rows, uneven segments", {
      images: 2,
      size: [8, 8],
      channels: 16,
      outputs: 24,
      kernel: [3, 3],
      pad: 1,
      segmentRows: 5,
    }),
  ],
}];
