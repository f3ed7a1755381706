import { binCount, histogram, histogramLanes } from "../../src/kernels/histogram.ts";
import { range, shareGroups } from "../../src/kernels/range.ts";
import { quadsOf, shareOf } from "./range.rows.ts";
import { exact, type KernelRows, type Row, seededFloats } from "./row.ts";

function row(name: string, elements: Float32Array, channels?: number, lanes?: number): Row {
  const share = shareOf(elements, channels, lanes);
  const groups = shareGroups(share.quads);
  const x = quadsOf(elements);
  const [partial, y] = [new Float32Array(groups * 4), new Uint32Array(binCount)];
  // As the preceding kernel of a plan leaves them.
  range.reference({ x, y: partial, counts: y }, { ...share, bins: binCount });
  return { name, numbers: { ...share, groups }, buffers: { x, partial, extent: 4, y }, bound: exact };
}

const subnormal = 2 ** -130;
const largest = 3.4028234663852886e38;

const cases: readonly Row[] = [
  row("one number", Float32Array.of(0.7)),
  row("all zero", new Float32Array(300)),
  row("two-sided", seededFloats(3001, 1)),
  row("above zero only, mostly far from it", seededFloats(1000, 2).map((v) => v * 0.01 + 5)),
  row("below zero only", seededFloats(1000, 3).map((v) => v - 3)),
  row(
    "edges of bins and powers of two",
    Float32Array.of(1, 2, 4, -1, -2, -4, 0.5, 0.25, 3.998046875, 2 ** -20),
  ),
  row("NaN and infinities are in no bin", Float32Array.of(1, NaN, -2, Infinity, -Infinity, 0.5)),
  row("nothing but NaN", Float32Array.of(NaN, NaN)),
  row("subnormal numbers are zero", Float32Array.of(subnormal, -subnormal, 3, -1)),
  row(
    "products that underflow stay below zero",
    Float32Array.of(-(2 ** -126), 2 ** -126, largest, -largest),
  ),
  row("the finest bins", Float32Array.of(2 ** -125, -(2 ** -125), 2 ** -112, 2 ** -119)),
  row("padding is skipped: 5 of 8 lanes", seededFloats(800, 4).map((v, i) => i % 8 < 5 ? v : 0), 5, 8),
  row("several workgroups", seededFloats(50001, 5).map((v) => v * v * v)),
];

export const rows: readonly KernelRows[] = [
  { kernel: histogram, rows: cases },
  { kernel: histogramLanes, rows: cases },
];
