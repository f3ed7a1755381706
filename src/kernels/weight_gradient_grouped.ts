// The gradient of a grouped convolution's weights, per segment of output rows; reduce.ts adds the segments.
import { kernel, type Numbers, type Words } from "./kernel.ts";

export const weightGradientGrouped = kernel("weight_gradient_grouped", {
  writes: ["partial"],
  grid: (n) => [Math.ceil((n.count * n.segments) / 64)],
  reference({ x, dy, partial }, n) {
    const depth = n.group_in * n.taps;
    for (let line = 0; line < n.count * n.segments; line++) {
      const [segment, weight] = [Math.floor(line / n.count), line % n.count];
      const [output, k] = [Math.floor(weight / depth), weight % depth];
      const end = Math.min((segment + 1) * n.segment_rows, n.rows) * n.out_width;
      let sum = 0;
      for (let pixel = segment * n.segment_rows * n.out_width; pixel < end; pixel++) {
        sum += dy[pixel * n.y_row + output] * patchAt(x, n, Math.floor(output / n.group_out), k, pixel);
      }
      partial[line] = sum;
    }
  },
});

/** The input that weight `k` of a group (by channel, slice and tap) multiplies under an output pixel. */
function patchAt(x: Words, n: Numbers, group: number, k: number, pixel: number): number {
  const [tap, slice] = [k % n.taps, Math.floor(k / n.taps) % n.slices];
  const channel = Math.floor(k / n.taps / n.slices);
  const row = Math.floor(pixel / n.out_width);
  const iy = (row % n.out_height) * n.stride_y + Math.floor(tap / n.kernel_x) * n.dilation_y - n.pad_top;
  const ix = (pixel % n.out_width) * n.stride_x + (tap % n.kernel_x) * n.dilation_x - n.pad_left;
  if (iy < 0 || iy >= n.height || ix < 0 || ix >= n.width) return 0;
  const at = (Math.floor(row / n.out_height) * n.height + iy) * n.width + ix;
  return x[at * n.x_row + group * n.group_in + slice * (n.group_in / n.slices) + channel];
}
