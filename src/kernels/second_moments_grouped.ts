// Second moments of the elements under a window and of the layer's output, per group: the plain kernel, for any
// geometry.
import { kernel, type Numbers, type Words } from "./kernel.ts";

export const secondMomentsGrouped = kernel("second_moments_grouped", {
  writes: ["moments"],
  grid: (n) => [Math.ceil(n.count / 64)],
  reference({ x, y, moments }, n) {
    for (let line = 0; line < n.count; line++) {
      const column = line % (n.depth + 2);
      const lines = Math.floor(line / (n.depth + 2));
      const a = lines % (n.depth + 1 + n.group_out);
      const group = Math.floor(lines / (n.depth + 1 + n.group_out));
      const b = column > n.depth ? a : column;
      let sum = 0;
      for (let pixel = 0; pixel < n.rows * n.out_width; pixel++) {
        sum += z(x, y, n, group, a, pixel) * z(x, y, n, group, b, pixel);
      }
      moments[line] = sum;
    }
  },
});

/** The patch by channel and tap, a one, then y. */
function z(x: Words, y: Words, n: Numbers, group: number, k: number, pixel: number): number {
  if (k === n.depth) return 1;
  if (k > n.depth) return y[pixel * n.y_row + group * n.group_out + k - n.depth - 1];
  const [tap, row] = [k % n.taps, Math.floor(pixel / n.out_width)];
  const iy = (row % n.out_height) * n.stride_y + Math.floor(tap / n.kernel_x) * n.dilation_y - n.pad_top;
  const ix = (pixel % n.out_width) * n.stride_x + (tap % n.kernel_x) * n.dilation_x - n.pad_left;
  if (iy < 0 || iy >= n.height * n.apart_y || ix < 0 || ix >= n.width * n.apart_x) return 0;
  if (iy % n.apart_y !== 0 || ix % n.apart_x !== 0) return 0;
  const at = (Math.floor(row / n.out_height) * n.height + iy / n.apart_y) * n.width + ix / n.apart_x;
  return x[at * n.x_row + group * n.group_in + Math.floor(k / n.taps)];
}
