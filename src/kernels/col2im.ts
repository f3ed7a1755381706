// Columns of kernel positions back into images; overlaps are summed. The reverse of im2col.
import { kernel } from "./kernel.ts";

export const col2im = kernel("col2im", {
  writes: ["y"],
  grid: (n) => [Math.ceil(n.count / 64)],
  reference({ x, y }, n) {
    const sums = new Float64Array(n.count);
    const places = n.kernel_z * n.kernel_y * n.kernel_x;
    const blocks = n.blocks_z * n.blocks_y * n.blocks_x;
    const planes = n.count / (n.depth * n.height * n.width);
    for (let i = 0; i < planes * places * blocks; i++) {
      const block = i % blocks;
      const place = Math.floor(i / blocks) % places;
      const along = (axis: "x" | "y" | "z", block: number, place: number) =>
        block * n[`stride_${axis}`] + place * n[`dilation_${axis}`] - n[`pad_${axis}`];
      const column = along("x", block % n.blocks_x, place % n.kernel_x);
      const row = along(
        "y",
        Math.floor(block / n.blocks_x) % n.blocks_y,
        Math.floor(place / n.kernel_x) % n.kernel_y,
      );
      const slice = along(
        "z",
        Math.floor(block / (n.blocks_x * n.blocks_y)),
        Math.floor(place / (n.kernel_x * n.kernel_y)),
      );
      const inside = column >= 0 && column < n.width && row >= 0 && row < n.height && slice >= 0 &&
        slice < n.depth;
      const plane = Math.floor(i / (blocks * places));
      if (inside) sums[((plane * n.depth + slice) * n.height + row) * n.width + column] += x[i];
    }
    y.set(sums);
  },
});
