// Max, average and norm pools, channels last. A window that starts inside but ends beyond the padding (ceil_mode)
// counts only positions within the padded input.
import { constantsOf, kernel } from "./kernel.ts";

export const poolKinds = ["max", "average", "averageWithPadding", "norm"] as const;

export const pool2d = kernel("pool2d", {
  constants: constantsOf("kind", poolKinds),
  writes: ["y"],
  operations: (n) => n.images * n.out_height * n.out_width * n.blocks * 4 * n.kernel_y * n.kernel_x,
  grid: (n) => [Math.ceil((n.images * n.out_height * n.out_width * n.blocks) / 64)],
  reference({ x, y }, n) {
    const kind = poolKinds[n.kind];
    const lanes = n.blocks * 4;
    const pixels = n.images * n.out_height * n.out_width;
    for (let i = 0; i < pixels * lanes; i++) {
      const c = i % lanes;
      const pixel = Math.floor(i / lanes);
      const image = Math.floor(pixel / (n.out_width * n.out_height));
      const top = (Math.floor(pixel / n.out_width) % n.out_height) * n.stride_y - n.pad_top;
      const left = (pixel % n.out_width) * n.stride_x - n.pad_left;
      let most = n.lowest ?? -3.4028234663852886e38;
      let sum = 0;
      let counted = 0;
      for (let r = 0; r < n.kernel_y; r++) {
        const iy = top + r * n.dilation_y;
        for (let s = 0; s < n.kernel_x; s++) {
          const ix = left + s * n.dilation_x;
          const inside = iy >= 0 && iy < n.height && ix >= 0 && ix < n.width;
          const padded = iy < n.height + n.pad_bottom && ix < n.width + n.pad_right;
          if (inside) {
            const v = x[((image * n.height + iy) * n.width + ix) * lanes + c];
            most = Math.max(most, v);
            sum += kind === "norm" ? Math.abs(v) ** n.power : v;
          }
          if (inside || (kind === "averageWithPadding" && padded)) counted++;
        }
      }
      if (kind === "max") y[i] = most;
      else if (kind === "norm") y[i] = sum ** (1 / n.power);
      else y[i] = sum / Math.max(counted, 1);
    }
  },
});
