import { col2im } from "../../src/kernels/col2im.ts";
import { exact, type KernelRows, type Row } from "./row.ts";

type Axis = readonly [size: number, kernel: number, stride: number, dilation: number, pad: number];

/** Multiples of 1/64: sums are exact. */
const dyadic = (count: number) => Float32Array.from({ length: count }, (_, i) => ((i * 53) % 127 - 63) / 64);

function row(name: string, planes: number, axes: readonly [z: Axis, y: Axis, x: Axis]): Row {
  const numbers: Record<string, number> = {};
  const blocks = axes.map(([size, kernel, stride, dilation, pad]) =>
    Math.floor((size + 2 * pad - dilation * (kernel - 1) - 1) / stride) + 1
  );
  axes.forEach(([size, kernel, stride, dilation, pad], i) => {
    const axis = "zyx"[i];
    numbers[["depth", "height", "width"][i]] = size;
    Object.assign(numbers, {
      [`kernel_${axis}`]: kernel,
      [`stride_${axis}`]: stride,
      [`dilation_${axis}`]: dilation,
      [`pad_${axis}`]: pad,
      [`blocks_${axis}`]: blocks[i],
    });
  });
  const product = (values: readonly number[]) => values.reduce((a, b) => a * b, 1);
  numbers.count = planes * product(axes.map(([size]) => size));
  const words = planes * product(axes.map(([, kernel]) => kernel)) * product(blocks);
  return { name, numbers, buffers: { x: dyadic(words), y: numbers.count }, bound: exact };
}

const flat: Axis = [1, 1, 1, 1, 0];

export const rows: readonly KernelRows[] = [{
  kernel: col2im,
  rows: [
    row("one number", 1, [flat, flat, flat]),
    row("overlapping windows, several workgroups", 3, [flat, [9, 3, 1, 1, 1], [7, 2, 2, 1, 0]]),
    row("gaps between windows", 2, [flat, [8, 2, 3, 2, 1], [11, 3, 4, 1, 0]]),
    row("a volume", 2, [[4, 2, 1, 1, 0], [5, 3, 2, 1, 1], [6, 2, 1, 2, 0]]),
  ],
}];
