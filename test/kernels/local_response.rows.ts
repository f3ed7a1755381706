import { localResponse } from "../../src/kernels/local_response.ts";
import { type KernelRows, type Row, within } from "./row.ts";

const bound = within(1e-5, "a power and a quotient of numbers of about 1");

function row(name: string, inner: number, channels: number, stride_channels: number, size: number): Row {
  const count = 2 * stride_channels * inner;
  return {
    name: `${name}, window of ${size}`,
    numbers: { count, inner, channels, stride_channels, size, alpha: 0.5, beta: 0.75, bias: 1.5 },
    buffers: { x: count, y: count },
    bound,
  };
}

export const rows: readonly KernelRows[] = [{
  kernel: localResponse,
  rows: [1, 3, 4, 9].flatMap((size) => [
    row("one channel", 1, 1, 1, size),
    row("row-major, odd sizes", 35, 7, 7, size),
    row("channels last, 5 of 8 lanes", 1, 5, 8, size),
  ]),
}];
