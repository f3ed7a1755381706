import { softmax, softmaxRows } from "../../src/kernels/softmax.ts";
import { type Contents, exact, type KernelRows, nmse, type Row, seededFloats } from "./row.ts";

const bound = nmse(1e-11, "exp and log of the device: a few units in the last place");
const names = ["softmax", "logarithm", "hardmax"];

function row(name: string, kind: number, sizes: readonly [number, number, number], x?: Contents): Row {
  const [outer, count, inner] = sizes;
  const words = outer * count * inner;
  return {
    name: `${name}, ${names[kind]}`,
    numbers: { kind, outer, count, inner },
    buffers: { x: x ?? words, y: words },
    bound: kind === 2 ? exact : bound,
  };
}

function rowOfRows(name: string, kind: number, rows: number, count: number, x?: Contents): Row {
  const { buffers, ...rest } = row(name, kind, [rows, count, 1], x);
  return { ...rest, numbers: { kind, rows, count }, buffers };
}

export const rows: readonly KernelRows[] = [{
  kernel: softmax,
  rows: [0, 1, 2].flatMap((kind) => [
    row("one number", kind, [1, 1, 1]),
    row("odd sizes", kind, [3, 7, 5]),
    row("numbers whose exp overflows", kind, [1, 4, 1], [800, 799, 790, 0]),
    row("equal numbers", kind, [1, 4, 1], [-1, 2, 2, 0]),
    row("widely spread", kind, [2, 1000, 1], seededFloats(2000, 9).map((v) => v * 20)),
    row("several workgroups", kind, [20, 9, 31]),
  ]),
}, {
  kernel: softmaxRows,
  rows: [0, 1].flatMap((kind) => [
    rowOfRows("one number", kind, 1, 1),
    rowOfRows("less than a workgroup", kind, 3, 37),
    rowOfRows("numbers whose exp overflows", kind, 1, 4, [800, 799, 790, 0]),
    rowOfRows("widely spread", kind, 2, 1000, seededFloats(2000, 9).map((v) => v * 20)),
    rowOfRows("a folded grid", kind, 65536, 2),
  ]),
}];
