import { adam } from "../../src/kernels/adam.ts";
import { type KernelRows, type Row, seededFloats, within } from "./row.ts";

const bound = within(2e-6, "a few roundings and a division of numbers below 4; 2.5 ulp by WGSL");

function row(name: string, count: number, step: number, change: Partial<Row["buffers"]> = {}): Row {
  const [beta1, beta2] = [0.9, 0.999];
  const schedule = [0.01, 1 / (1 - beta1 ** step), 1 / (1 - beta2 ** step)];
  const buffers = {
    w: seededFloats(count, 1),
    gradient: seededFloats(count, 2),
    mean: seededFloats(count, 3),
    square: seededFloats(count, 4).map((v) => 0.25 + v * v),
    schedule,
    ...change,
    ...{
      y: new Float32Array(count),
      next_mean: new Float32Array(count),
      next_square: new Float32Array(count),
    },
  };
  return { name, numbers: { quads: Math.ceil(count / 4), beta1, beta2, epsilon: 1e-8 }, buffers, bound };
}

const none = new Float32Array(7);

export const rows: readonly KernelRows[] = [{
  kernel: adam,
  rows: [
    row("one number", 1, 3),
    row("the first step: the gradient's sign", 7, 1, { mean: none, square: none }),
    row("no gradient at all: nothing moves", 7, 1, { gradient: none, mean: none, square: none }),
    row("several workgroups, late", 1003, 2000),
  ],
}];
