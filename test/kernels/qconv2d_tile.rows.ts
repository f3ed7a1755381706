import { qconv2dTile } from "../../src/kernels/qconv2d_tile.ts";
import { implicitRows } from "./implicit_codes.ts";
import type { KernelRows } from "./row.ts";

export const rows: readonly KernelRows[] = [{ kernel: qconv2dTile, rows: implicitRows(8) }];
