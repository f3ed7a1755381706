import { detect } from "../../src/kernels/detect.ts";
import { exact, type KernelRows, type Row } from "./row.ts";

const kinds = [NaN, Infinity, -Infinity, 0, -0, 1, -3.4028234663852886e38];

function row(name: string, count: number, nan: number, positive: number, negative: number): Row {
  return {
    name,
    numbers: { count, nan, positive, negative },
    buffers: {
      x: Array.from({ length: count }, (_, i) => kinds[i % kinds.length]),
      y: new Int32Array(count),
    },
    bound: exact,
  };
}

export const rows: readonly KernelRows[] = [{
  kernel: detect,
  rows: [
    row("one NaN", 1, 1, 0, 0),
    row("NaN among all", 203, 1, 0, 0),
    row("both infinities", 7, 0, 1, 1),
    row("positive infinities", 7, 0, 1, 0),
    row("negative infinities", 7, 0, 0, 1),
  ],
}];
