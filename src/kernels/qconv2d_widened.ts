// qconv2d_tiled by products of floats, for devices that emulate dot products of words.
import { kernel } from "./kernel.ts";
import { qconv2dTiled } from "./qconv2d.ts";

export const qconv2dWidened = kernel("qconv2d_widened", {
  writes: ["y"],
  grid: (n) => qconv2dTiled.grid(n),
  reference: (buffers, numbers) => qconv2dTiled.reference(buffers, numbers),
});
