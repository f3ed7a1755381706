import { determinant } from "../../src/kernels/determinant.ts";
import { type Contents, type KernelRows, nmse, type Row } from "./row.ts";

const bound = nmse(1e-9, "elimination in single against double precision");

function row(name: string, matrices: number, size: number, x?: Contents): Row {
  const words = matrices * size * size;
  return { name, numbers: { matrices, size }, buffers: { x: x ?? words, work: words, y: matrices }, bound };
}

export const rows: readonly KernelRows[] = [{
  kernel: determinant,
  rows: [
    row("one number", 1, 1),
    row("a zero on the diagonal", 1, 2, [0, 2, 3, 4]),
    row("a singular matrix", 1, 3, [1, 2, 4, 2, 4, 8, 1, 1, 1]),
    row("several workgroups", 130, 3),
    row("a larger one", 2, 9),
  ],
}];
