// qconv2d_tiled on matrix units, by the shapes that devices have: NVIDIA 16×16×32, AMD 16×16×16, Intel 8×16×32.
import { type Kernel, kernel, type MatrixShape } from "./kernel.ts";
import { qconv2dTiled } from "./qconv2d.ts";

function matrix(needs: MatrixShape): Kernel {
  return kernel(`qconv2d_matrix_${needs.m}x${needs.n}x${needs.k}`, {
    writes: ["y"],
    needs,
    grid: (n) => [Math.ceil(n.pixels / 64), Math.ceil(n.out_blocks / 16)],
    reference: (buffers, numbers) => qconv2dTiled.reference(buffers, numbers),
  });
}

export const qconv2dMatrix16x16x32 = matrix({ m: 16, n: 16, k: 32 });
export const qconv2dMatrix16x16x16 = matrix({ m: 16, n: 16, k: 16 });
export const qconv2dMatrix8x16x32 = matrix({ m: 8, n: 16, k: 32 });
