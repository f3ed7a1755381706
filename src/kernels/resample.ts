// Weighted sums of rows and columns given by tables: any resize along two neighbouring axes.
import { kernel, type Numbers, type Words } from "./kernel.ts";

type Buffers = Readonly<Record<string, Words>>;

export const resample = kernel("resample", {
  writes: ["y"],
  grid: (n) => [Math.ceil(n.count / 64)],
  reference: (buffers, n) => sumTaps(buffers, n, n.inner),
});

/** `resample` for float32 if `inner` is a multiple of four; the number counts quads. */
export const resampleQuads = kernel("resample_quads", {
  writes: ["y"],
  grid: (n) => [Math.ceil(n.count / 64)],
  reference: (buffers, n) => sumTaps(buffers, { ...n, count: n.count * 4 }, n.inner * 4),
});

function sumTaps({ x, rows, row_weights, columns, column_weights, y }: Buffers, n: Numbers, inner: number) {
  for (let i = 0; i < n.count; i++) {
    const pixel = Math.floor(i / inner);
    const row = Math.floor(pixel / n.out_width);
    const r = (row % n.out_height) * n.row_taps;
    const c = (pixel % n.out_width) * n.column_taps;
    const plane = Math.floor(row / n.out_height) * n.height;
    const at = (s: number, t: number) =>
      x[((plane + rows[r + s]) * n.width + columns[c + t]) * inner + (i % inner)];
    if (rows[r] < 0 || columns[c] < 0) {
      y[i] = n.outside;
      continue;
    }
    if (n.row_taps === 1 && n.column_taps === 1) {
      y[i] = at(0, 0);
      continue;
    }
    let sum = 0;
    for (let s = 0; s < n.row_taps; s++) {
      for (let t = 0; t < n.column_taps; t++) sum += row_weights[r + s] * column_weights[c + t] * at(s, t);
    }
    y[i] = sum;
  }
}
