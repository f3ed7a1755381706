import {
  qconv2dMatrix16x16x16,
  qconv2dMatrix16x16x32,
  qconv2dMatrix8x16x32,
} from "../../src/kernels/qconv2d_matrix.ts";
import { implicitRows } from "./implicit_codes.ts";
import type { KernelRows } from "./row.ts";

export const rows: readonly KernelRows[] = [
  qconv2dMatrix16x16x32,
  qconv2dMatrix16x16x16,
  qconv2dMatrix8x16x32,
]
  .map((kernel) => ({ kernel, rows: implicitRows(8) }));
