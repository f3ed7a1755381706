// The gradient of a max pool: that of each window goes to the first of its greatest elements. Channels last.
import { kernel, type Numbers, type Words } from "./kernel.ts";

export const maxPoolGradient = kernel("max_pool_gradient", {
  writes: ["dx"],
  grid: (n) => [Math.ceil((n.images * n.depth * n.height * n.width * n.lanes) / 64)],
  reference({ x, dy, dx }, n) {
    dx.fill(0, 0, n.images * n.depth * n.height * n.width * n.lanes);
    const outSize = n.out_depth * n.out_height * n.out_width;
    for (let line = 0; line < n.images * outSize * n.lanes; line++) {
      const pixel = Math.floor(line / n.lanes);
      const column = pixel % n.out_width;
      const row = Math.floor(pixel / n.out_width) % n.out_height;
      const slice = Math.floor(pixel / n.out_width / n.out_height) % n.out_depth;
      const first = Math.floor(pixel / outSize) * n.depth * n.height * n.width * n.lanes + (line % n.lanes);
      const at = greatest(x, n, first, [slice, row, column]);
      if (at !== undefined) dx[at] += dy[line];
    }
  },
});

function greatest(x: Words, n: Numbers, first: number, [slice, row, column]: readonly number[]) {
  let found: number | undefined;
  for (let t = 0; t < n.kernel_z; t++) {
    const iz = slice * n.stride_z - n.pad_front + t * n.dilation_z;
    if (iz < 0 || iz >= n.depth) continue;
    for (let r = 0; r < n.kernel_y; r++) {
      const iy = row * n.stride_y - n.pad_top + r * n.dilation_y;
      if (iy < 0 || iy >= n.height) continue;
      for (let s = 0; s < n.kernel_x; s++) {
        const ix = column * n.stride_x - n.pad_left + s * n.dilation_x;
        if (ix < 0 || ix >= n.width) continue;
        const at = first + ((iz * n.height + iy) * n.width + ix) * n.lanes;
        if (found === undefined || x[at] > x[found]) found = at;
      }
    }
  }
  return found;
}
