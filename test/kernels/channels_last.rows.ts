import { fromChannelsLast, layoutNumbers, toChannelsLast } from "../../src/kernels/channels_last.ts";
import { type Kernel, withElement } from "../../src/kernels/kernel.ts";
import { exact, type KernelRows, type Row, seededFloats } from "./row.ts";

const sizes = [
  ["one element", 1, 1, 1],
  ["odd channels and pixels", 2, 5, 7],
  ["an image of three channels", 1, 3, 225],
  ["whole blocks", 3, 8, 16],
] as const;

function rowsOf(to: boolean, words: (count: number) => Float32Array | Int32Array): Row[] {
  return sizes.map(([name, images, channels, pixels]) => {
    const plain = images * channels * pixels;
    const last = images * pixels * Math.ceil(channels / 4) * 4;
    const x = words(to ? plain : last);
    const y = words(to ? last : plain).fill(0);
    return { name, numbers: layoutNumbers(images, channels, pixels), buffers: { x, y }, bound: exact };
  });
}

const floats = (count: number) => seededFloats(count, 3);
const integers = (count: number) => Int32Array.from({ length: count }, (_, i) => (i * 7919) % 1009 - 500);

const both = (kernel: Kernel, to: boolean): KernelRows[] => [
  { kernel, rows: rowsOf(to, floats) },
  { kernel: withElement(kernel, "i32"), rows: rowsOf(to, integers) },
];

export const rows: readonly KernelRows[] = [...both(toChannelsLast, true), ...both(fromChannelsLast, false)];
