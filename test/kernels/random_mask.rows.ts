import { randomMask } from "../../src/kernels/random_mask.ts";
import { exact, type KernelRows, type Row } from "./row.ts";

function row(name: string, count: number, seed: number, stream: number, probability: number): Row {
  return {
    name,
    numbers: { count, stream, limit: probability * 2 ** 24 },
    buffers: { seed: Int32Array.of(seed), y: new Float32Array(count) },
    bound: exact,
  };
}

export const rows: readonly KernelRows[] = [{
  kernel: randomMask,
  rows: [
    row("one number", 1, 0, 0, 0.5),
    row("half of them", 1003, 7, 1, 0.5),
    row("another stream, a negative seed", 1003, -7, 2, 0.25),
    row("all", 17, 2 ** 31 - 1, 3, 1),
    row("none", 17, -(2 ** 31), 4, 0),
  ],
}];
