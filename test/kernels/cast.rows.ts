import { cast, castNumbers } from "../../src/kernels/cast.ts";
import { wordTypeOf } from "../../src/kernels/kernel.ts";
import type { DType } from "../../src/tensor/dtype.ts";
import { integers } from "./broadcasting.ts";
import { type Contents, exact, type KernelRows, type Row, seededFloats } from "./row.ts";

const arrays = { f32: Float32Array, i32: Int32Array, u32: Uint32Array };
const emptyOf = (dtype: DType, count: number): Contents => new arrays[wordTypeOf(dtype)](count);

/** Fractions of both signs, ties of the half types, the ends of their ranges and of the integers', NaN, infinities. */
const floats = [
  ...[0, -0, 0.5, -0.5, 1.75, -2.9, 127.9, 128, -129, 255.5, 300, 65535.9, 1 + 2 ** -11, 1 + 3 * 2 ** -11],
  ...[
    1 + 2 ** -8,
    1 + 3 * 2 ** -8,
    65504,
    65519.9,
    65520,
    -1e6,
    2 ** -14,
    2 ** -24,
    2 ** -25,
    3 * 2 ** -26,
    -1e-5,
  ],
  ...[2147483520, 2147483648, 3e9, 5e9, -2147483648, -5e9, 1e30, Infinity, -Infinity, NaN],
  ...seededFloats(600, 3).map((v) => v * 10 ** (6 * Math.abs(v))),
];
const sources: Partial<Record<DType, Contents>> = {
  float32: Float32Array.from(floats),
  int32: Int32Array.from(integers(203, 32, false)),
  uint32: Uint32Array.from(integers(203, 32, true)),
};
const targets: readonly DType[] = [
  ...[
    "float32",
    "float16",
    "bfloat16",
    "bool",
    "int8",
    "int16",
    "int32",
    "uint8",
    "uint16",
    "uint32",
  ] as const,
];

function row(from: DType, to: DType): Row {
  const x = sources[from] as Float32Array;
  const numbers = { count: x.length, ...castNumbers(from, to) };
  return { name: `${from} to ${to}`, numbers, buffers: { x, y: emptyOf(to, x.length) }, bound: exact };
}

export const rows: readonly KernelRows[] = [{
  kernel: cast,
  rows: (Object.keys(sources) as DType[]).flatMap((from) => targets.map((to) => row(from, to))),
}];
