import {
  qconv2dDepthwiseNibbles,
  qconv2dGroupedNibbles,
  qconv2dMatrix16x16x16Nibbles,
  qconv2dMatrix16x16x32Nibbles,
  qconv2dMatrix8x16x32Nibbles,
  qconv2dTiledNibbles,
  qconv2dTileNibbles,
  qconv2dWidenedNibbles,
} from "../../src/kernels/qconv2d_nibbles.ts";
import { implicitRows } from "./implicit_codes.ts";
import { codedRow, type Coding, depthwise, grouped, tiled } from "./qconv2d.rows.ts";
import type { KernelRows } from "./row.ts";

/** Signed and unsigned weights by turns. */
const four = (coding: Coding | undefined, i: number): Coding => ({
  ...coding,
  small: i % 2 ? "uint4" : "int4",
  scaleY: coding?.scaleY && coding.scaleY / 16,
});

export const matrices: readonly KernelRows[] = [
  qconv2dMatrix16x16x32Nibbles,
  qconv2dMatrix16x16x16Nibbles,
  qconv2dMatrix8x16x32Nibbles,
].map((kernel) => ({ kernel, rows: implicitRows(4) }));

export const rows: readonly KernelRows[] = [
  {
    kernel: qconv2dTiledNibbles,
    rows: tiled.map(([name, shape, coding], i) =>
      codedRow(qconv2dTiledNibbles, name, shape, four(coding, i))
    ),
  },
  {
    kernel: qconv2dDepthwiseNibbles,
    rows: depthwise.map(([name, shape, coding], i) =>
      codedRow(qconv2dDepthwiseNibbles, name, { ...shape, group: shape.x[1] }, four(coding, i))
    ),
  },
  {
    kernel: qconv2dGroupedNibbles,
    rows: grouped.map(([name, shape, coding], i) =>
      codedRow(qconv2dGroupedNibbles, name, shape, four(coding, i))
    ),
  },
  { kernel: qconv2dTileNibbles, rows: implicitRows(4) },
  { kernel: qconv2dWidenedNibbles, rows: implicitRows(4) },
  ...matrices,
];
