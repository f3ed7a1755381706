// The input of a deformable convolution as columns: for each output pixel, channel and tap, the input at the tap's
// offset, interpolated between four pixels, times the tap's mask. Channels last on both sides.
import { kernel, type Numbers, type Words } from "./kernel.ts";

export const deformColumns = kernel("deform_columns", {
  writes: ["y"],
  grid: (n) => [Math.ceil((n.images * n.out_height * n.out_width * n.out_lanes) / 64)],
  reference({ x, offset, mask, y }, n) {
    const taps = n.kernel_y * n.kernel_x;
    const area = n.out_height * n.out_width;
    for (let i = 0; i < n.images * area * n.out_lanes; i++) {
      const lane = i % n.out_lanes;
      const pixel = Math.floor(i / n.out_lanes);
      const [image, place] = [Math.floor(pixel / area), pixel % area];
      const [c, tap] = [Math.floor(lane / taps), lane % taps];
      if (c >= n.channels) {
        y[i] = 0;
        continue;
      }
      const at = (image * n.offset_groups + Math.floor(c / n.group_channels)) * taps + tap;
      const row = Math.floor(place / n.out_width) * n.stride_y - n.pad_top;
      const column = (place % n.out_width) * n.stride_x - n.pad_left;
      const iy = row + Math.floor(tap / n.kernel_x) * n.dilation_y + offset[at * 2 * area + place];
      const ix = column + (tap % n.kernel_x) * n.dilation_x + offset[(at * 2 + 1) * area + place];
      y[i] = sampleAt(x, n, image, c, iy, ix) * (n.has_mask ? mask[at * area + place] : 1);
    }
  },
});

/** Interpolates between four pixels; zero outside. */
function sampleAt(x: Words, n: Numbers, image: number, c: number, iy: number, ix: number): number {
  const [top, left] = [Math.floor(iy), Math.floor(ix)];
  const [down, right] = [iy - top, ix - left];
  const pixel = (row: number, column: number) => {
    const inside = row >= 0 && row < n.height && column >= 0 && column < n.width;
    return inside ? x[((image * n.height + row) * n.width + column) * n.lanes + c] : 0;
  };
  const above = pixel(top, left) * (1 - right) + pixel(top, left + 1) * right;
  const below = pixel(top + 1, left) * (1 - right) + pixel(top + 1, left + 1) * right;
  return above * (1 - down) + below * down;
}
