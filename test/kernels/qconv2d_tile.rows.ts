import { qconv2dTile } from "../../src/kernels/qconv2d_tile.ts";
import { rows as own } from "./implicit_codes.ts";
import type { KernelRows } from "./row.ts";

export const rows: readonly KernelRows[] = [{ kernel: qconv2dTile, rows: own }];
