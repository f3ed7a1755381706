import { binCount, clear, histogram } from "../../src/kernels/histogram.ts";
import { rangePartial, rangeTotal, shareGroups } from "../../src/kernels/range.ts";
import { exact, type KernelRows, type Row, seeded } from "./row.ts";

function row(name: string, x: Float32Array, channels = 1, stride_channels = 1): Row {
  const numbers = { count: x.length, channels, stride_channels };
  return {
    name,
    numbers,
    buffers: { x, extent: extentOf(x, numbers), y: new Uint32Array(binCount) },
    bound: exact,
  };
}

/** As the two kernels before it in a plan find it. */
function extentOf(x: Float32Array, numbers: Row["numbers"]): Float32Array {
  const groups = shareGroups(x.length);
  const partial = new Float32Array(groups * 4);
  const extent = new Float32Array(4);
  rangePartial.reference({ x, y: partial }, numbers);
  rangeTotal.reference({ x: partial, y: extent }, { groups });
  return extent;
}

function cleared(name: string, count: number): Row {
  return {
    name,
    numbers: { count },
    buffers: { y: Uint32Array.from({ length: count }, (_, i) => i + 1) },
    bound: exact,
  };
}

const subnormal = 2 ** -130;
const largest = 3.4028234663852886e38;

export const rows: readonly KernelRows[] = [
  {
    kernel: histogram,
    rows: [
      row("one number", Float32Array.of(0.7)),
      row("all zero", new Float32Array(300)),
      row("two-sided", seeded(3001, 1)),
      row("above zero only, mostly far from it", seeded(1000, 2).map((v) => v * 0.01 + 5)),
      row("below zero only", seeded(1000, 3).map((v) => v - 3)),
      row(
        "edges of bins and powers of two",
        Float32Array.of(1, 2, 4, -1, -2, -4, 0.5, 0.25, 3.998046875, 2 ** -20),
      ),
      row("NaN and infinities lie in no bin", Float32Array.of(1, NaN, -2, Infinity, -Infinity, 0.5)),
      row("nothing but NaN", Float32Array.of(NaN, NaN)),
      row("subnormal numbers are zero", Float32Array.of(subnormal, -subnormal, 3, -1)),
      row(
        "products that underflow stay below zero",
        Float32Array.of(-(2 ** -126), 2 ** -126, largest, -largest),
      ),
      row("the finest bins", Float32Array.of(2 ** -125, -(2 ** -125), 2 ** -112, 2 ** -119)),
      row("padding is skipped: 5 of 8 lanes", seeded(800, 4).map((v, i) => i % 8 < 5 ? v : 0), 5, 8),
      row("several workgroups", seeded(50001, 5).map((v) => v * v * v)),
    ],
  },
  {
    kernel: clear,
    rows: [cleared("one word", 1), cleared("132 words", 132), cleared("a folded grid", 65535 * 64 + 1)],
  },
];
