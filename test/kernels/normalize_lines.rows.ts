import { normalizeLines } from "../../src/kernels/normalize_lines.ts";
import { type Contents, type KernelRows, nmse, type Row, seededFloats } from "./row.ts";

const far = nmse(1e-9, "a mean of 100 is off by a few 2^-18, against a deviation of 0.6");
const bound = nmse(1e-11, "sums in single against sums in double precision, then a root");

type Shape = { outer: number; count: number; inner: number; outer_stride: number; stride: number };
type Weights = { channels: number; stride_channels: number; scale_step: number; scale_inner: number };

const rowsOf = (outer: number, count: number): Shape => ({
  outer,
  count,
  inner: 1,
  outer_stride: count,
  stride: 1,
});
const perElement: Weights = { channels: 1, stride_channels: 1, scale_step: 0, scale_inner: 1 };

function row(
  name: string,
  shape: Shape,
  weights: Weights,
  flags: readonly [number, number, number],
  x?: Contents,
): Row {
  const [centered, has_scale, has_bias] = flags;
  const words = shape.outer * shape.outer_stride;
  const perLine = Math.ceil(shape.count / weights.scale_inner);
  const count = (weights.channels - 1) * weights.scale_step + perLine;
  const lines = shape.outer * shape.inner;
  return {
    name: `${name}, centered ${centered}`,
    numbers: { centered, has_scale, has_bias, ...shape, ...weights, epsilon: 1e-5 },
    buffers: {
      x: x ?? words,
      scale: has_scale ? count : undefined,
      bias: has_bias ? count : undefined,
      y: words,
      mean: lines,
      inverse: lines,
    },
    bound: x ? far : bound,
  };
}

export const rows: readonly KernelRows[] = [{
  kernel: normalizeLines,
  rows: [0, 1].flatMap((centered) => [
    row("one number", rowsOf(1, 1), perElement, [centered, 1, 1]),
    row("rows, weights by element", rowsOf(7, 37), perElement, [centered, 1, 1]),
    row("rows without weights", rowsOf(3, 200), perElement, [centered, 0, 0]),
    row(
      "rows far from zero",
      rowsOf(2, 300),
      perElement,
      [centered, 1, 0],
      seededFloats(600, 4).map((v) => v + 100),
    ),
    row("images, weights by channel", rowsOf(6, 35), {
      channels: 3,
      stride_channels: 3,
      scale_step: 1,
      scale_inner: 35,
    }, [centered, 1, 1]),
    row("groups of two channels", rowsOf(6, 20), {
      channels: 3,
      stride_channels: 3,
      scale_step: 2,
      scale_inner: 10,
    }, [centered, 1, 1]),
    row("channels last, 5 of 8 lanes", { outer: 2, count: 12, inner: 8, outer_stride: 96, stride: 8 }, {
      channels: 5,
      stride_channels: 8,
      scale_step: 1,
      scale_inner: 12,
    }, [centered, 1, 1]),
    row("a folded grid", rowsOf(65536, 2), perElement, [centered, 1, 1]),
  ]),
}];
