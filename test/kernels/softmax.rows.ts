import { softmax } from "../../src/kernels/softmax.ts";
import { type Contents, type KernelRows, nmse, type Row, seeded } from "./row.ts";

const bound = nmse(1e-11, "exp and log of the device: a few units in the last place");

function row(name: string, logarithm: number, sizes: readonly [number, number, number], x?: Contents): Row {
  const [outer, count, inner] = sizes;
  const words = outer * count * inner;
  const numbers = { logarithm, outer, count, inner };
  return {
    name: `${name}${logarithm ? ", logarithm" : ""}`,
    numbers,
    buffers: { x: x ?? words, y: words },
    bound,
  };
}

export const rows: readonly KernelRows[] = [{
  kernel: softmax,
  rows: [0, 1].flatMap((logarithm) => [
    row("one number", logarithm, [1, 1, 1]),
    row("odd sizes", logarithm, [3, 7, 5]),
    row("numbers whose exp overflows", logarithm, [1, 4, 1], [800, 799, 790, 0]),
    row("widely spread", logarithm, [2, 1000, 1], seeded(2000, 9).map((v) => v * 20)),
    row("several workgroups", logarithm, [20, 9, 31]),
  ]),
}];
