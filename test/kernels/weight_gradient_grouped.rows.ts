import { weightGradientGrouped } from "../../src/kernels/weight_gradient_grouped.ts";
import { type Geometry, groupedRow } from "./moments.ts";
import { type KernelRows, type Row, sums } from "./row.ts";

type Weights = Geometry & { readonly slices?: number };

function row(name: string, geometry: Weights): Row {
  const { segmentRows: segment_rows = 2, slices = 1, outputs } = geometry;
  const { numbers: { depth, count: _, apart_y: __, apart_x: ___, ...numbers }, buffers } = groupedRow(
    name,
    geometry,
  );
  const segments = Math.ceil(numbers.rows / segment_rows);
  const count = outputs * depth;
  return {
    name,
    numbers: { ...numbers, slices, segment_rows, segments, count },
    buffers: { x: buffers.x, dy: buffers.y, partial: new Float32Array(segments * count) },
    bound: sums,
  };
}

export const rows: readonly KernelRows[] = [{
  kernel: weightGradientGrouped,
  rows: [
    row("smallest", { size: [1, 1], channels: 1, outputs: 1 }),
    row("two groups, stride, dilation, pads", {
      images: 2,
      size: [9, 11],
      channels: 6,
      outputs: 10,
      groups: 2,
      kernel: [3, 2],
      stride: 2,
      dilation: 2,
      pad: 1,
    }),
    row("slices of depth", { size: [5, 6], channels: 12, outputs: 4, groups: 2, slices: 3, kernel: [2, 2] }),
    row("depthwise, uneven segments, several workgroups", {
      images: 2,
      size: [8, 8],
      channels: 21,
      outputs: 21,
      groups: 21,
      kernel: [3, 3],
      pad: 1,
      segmentRows: 5,
    }),
  ],
}];
