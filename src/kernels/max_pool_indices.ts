// The index of each window's maximum in the input of a max pool; the first of equals. Channels last.
import { kernel, type Numbers, type Words } from "./kernel.ts";

export const maxPoolIndices = kernel("max_pool_indices", {
  writes: ["y"],
  grid: (n) => [Math.ceil((n.images * n.out_depth * n.out_height * n.out_width * n.lanes) / 64)],
  reference({ x, y }, n) {
    let line = 0;
    for (let image = 0; image < n.images; image++) {
      for (let z = 0; z < n.out_depth; z++) {
        for (let row = 0; row < n.out_height; row++) {
          for (let column = 0; column < n.out_width; column++) {
            for (let c = 0; c < n.lanes; c++) {
              y[line++] = c < n.channels ? indexOf(x, n, image, c, [z, row, column]) : 0;
            }
          }
        }
      }
    }
  },
});

function indexOf(x: Words, n: Numbers, image: number, c: number, [z, row, column]: readonly number[]) {
  let most: number | undefined;
  let at = 0;
  for (let t = 0; t < n.kernel_z; t++) {
    const iz = z * n.stride_z - n.pad_front + t * n.dilation_z;
    if (iz < 0 || iz >= n.depth) continue;
    for (let r = 0; r < n.kernel_y; r++) {
      const iy = row * n.stride_y - n.pad_top + r * n.dilation_y;
      if (iy < 0 || iy >= n.height) continue;
      for (let s = 0; s < n.kernel_x; s++) {
        const ix = column * n.stride_x - n.pad_left + s * n.dilation_x;
        if (ix < 0 || ix >= n.width) continue;
        const v = x[(((image * n.depth + iz) * n.height + iy) * n.width + ix) * n.lanes + c];
        if (most !== undefined && !(v > most)) continue;
        most = v;
        const first = (image * n.channels + c) * n.depth * n.height * n.width;
        at = first + iz * n.index_z + iy * n.index_y + ix * n.index_x;
      }
    }
  }
  return at;
}
