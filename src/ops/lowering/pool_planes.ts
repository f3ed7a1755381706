// A pool over one to three axes as pools over rows and columns: one axis is an image of height one, and depth is
// pooled after rows and columns (maxima, sums and counts are separable).
import type { Call } from "../../kernels/kernel.ts";
import { elementCount } from "../../tensor/shape.ts";
import { joinLastAxes, planar, type Window, windowAlong } from "./window.ts";

/** A pool over rows and columns, from one buffer to another. */
export type OverPlanes = (window: Window, images: number, from: string, to: string) => Call;

/** The calls of a pool from `x` to `y`; `between` returns a buffer for that many pixels. */
export function poolPlanes(
  over: OverPlanes,
  window: Window,
  images: number,
  { x, y, between }: { x: string; y: string; between: (pixels: number) => string },
): Call[] {
  if (window.size.length < 3) return [over(planar(window), images, x, y)];
  const area = windowAlong(window, 1, 3);
  const slices = images * window.size[0];
  const pooled = between(slices * elementCount(area.out));
  return [over(area, slices, x, pooled), over(joinLastAxes(window, 1), images, pooled, y)];
}
