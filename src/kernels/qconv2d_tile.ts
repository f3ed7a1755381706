// qconv2d_tiled through workgroup memory: tiles of 64 pixels × 64 channels.
import { kernel } from "./kernel.ts";
import { qconv2dTiled } from "./qconv2d.ts";

export const qconv2dTile = kernel("qconv2d_tile", {
  writes: ["y"],
  grid: (n) => [Math.ceil(n.pixels / 64), Math.ceil(n.out_blocks / 16)],
  reference: (buffers, numbers) => qconv2dTiled.reference(buffers, numbers),
});
