import { qconv2dWidened } from "../../src/kernels/qconv2d_widened.ts";
import { implicitRows } from "./implicit_codes.ts";
import type { KernelRows } from "./row.ts";

export const rows: readonly KernelRows[] = [{ kernel: qconv2dWidened, rows: implicitRows(8) }];
