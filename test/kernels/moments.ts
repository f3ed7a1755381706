// Rows of the kernels of second moments, with all numbers derived from the geometry.
import type { Row } from "./row.ts";
import { sums } from "./row.ts";

export type Geometry = {
  readonly images?: number;
  readonly size: readonly [height: number, width: number];
  readonly channels: number;
  readonly outputs: number;
  readonly kernel?: readonly [number, number];
  readonly stride?: number;
  readonly dilation?: number;
  readonly pad?: number;
  /** Of pixels. */
  readonly apart?: readonly [number, number];
  readonly groups?: number;
  readonly segmentRows?: number;
};

/** The numbers of all kernels with windows. */
function windowOf(
  { images = 1, size, kernel = [1, 1], stride = 1, dilation = 1, pad = 0, apart = [1, 1] }: Geometry,
) {
  const reach = kernel.map((taps) => (taps - 1) * dilation + 1);
  const [out_height, out_width] = size.map((n, i) =>
    Math.floor((n * apart[i] + 2 * pad - reach[i]) / stride) + 1
  );
  return {
    rows: images * out_height,
    out_height,
    out_width,
    height: size[0],
    width: size[1],
    kernel_x: kernel[1],
    stride_y: stride,
    stride_x: stride,
    dilation_y: dilation,
    dilation_x: dilation,
    pad_top: pad,
    pad_left: pad,
    apart_y: apart[0],
    apart_x: apart[1],
  };
}

const padToFour = (channels: number) => Math.ceil(channels / 4) * 4;

export function groupedRow(name: string, geometry: Geometry): Row {
  const { images = 1, size, channels, outputs, kernel = [1, 1], groups = 1 } = geometry;
  const [group_in, group_out, taps] = [channels / groups, outputs / groups, kernel[0] * kernel[1]];
  const depth = group_in * taps;
  const count = groups * (depth + 1 + group_out) * (depth + 2);
  const window = windowOf(geometry);
  const rows = { x_row: padToFour(channels), y_row: padToFour(outputs) };
  return {
    name,
    numbers: { ...window, ...rows, group_in, group_out, taps, depth, count },
    buffers: {
      x: images * size[0] * size[1] * rows.x_row,
      y: window.rows * window.out_width * rows.y_row,
      moments: count,
    },
    bound: sums,
  };
}

export type Part = "patch by patch" | "y by patch" | "y by y";

export function tiledRow(name: string, part: Part, geometry: Geometry): Row {
  const { images = 1, size, channels, outputs, kernel = [1, 1], segmentRows = 2 } = geometry;
  const window = windowOf(geometry);
  const blocks = padToFour(channels) / 4;
  const patch_blocks = blocks * kernel[0] * kernel[1];
  const [rows_of_y, columns_of_y] = [Number(part !== "patch by patch"), Number(part === "y by y")];
  const columns = columns_of_y ? padToFour(outputs) / 4 : patch_blocks + 1;
  const tiles = Math.ceil((rows_of_y ? outputs / 4 : columns) / 4);
  const segment_words = tiles * columns * 64 + 64;
  const y_row = padToFour(outputs);
  return {
    name: `${name}, ${part}`,
    numbers: {
      ...window,
      ...{ rows_of_y, columns_of_y, columns, blocks, patch_blocks, y_row, y_channels: outputs },
      ...{ segment_rows: segmentRows, first: 64, segment_words },
    },
    buffers: {
      x: images * size[0] * size[1] * blocks * 4,
      y: window.rows * window.out_width * y_row,
      partial: Math.ceil(window.rows / segmentRows) * segment_words,
    },
    bound: sums,
  };
}
