// Images and volumes interpolated at points that are data. Coordinates are float32, as on the device: the nearest pixel
// depends on their last bit.
import { roundHalfEven } from "../tensor/round.ts";
import { constantsOf, kernel, type Numbers } from "./kernel.ts";

/** The index is `kind`, and `padding`. */
export const gridKinds = ["nearest", "linear", "cubic"] as const;
export const gridPaddings = ["zeros", "border", "reflection"] as const;

const f = Math.fround;

export const gridSample = kernel("grid_sample", {
  constants: { ...constantsOf("kind", gridKinds), ...constantsOf("padding", gridPaddings) },
  writes: ["y"],
  grid: (n) => [Math.ceil(n.count / 64)],
  reference({ x, grid, y }, n) {
    const sizes = [n.width, n.height, n.depth];
    const taps = { nearest: 1, linear: 2, cubic: 4 }[gridKinds[n.kind]];
    for (let i = 0; i < n.count; i++) {
      const plane = Math.floor(i / n.points);
      const at = (Math.floor(plane / n.channels) * n.points + (i % n.points)) * n.axes;
      const along = sizes.map((size, axis) => {
        if (axis >= n.axes) return [{ pixel: 0, weight: 1 }];
        const place = coordinateOf(grid[at + axis], size, n);
        return Array.from({ length: taps }, (_, tap) => {
          const pixel = Math.floor(place) - Math.max(taps / 2 - 1, 0) + tap;
          return { pixel: pixelOf(pixel, size, n), weight: weightOf(Math.abs(pixel - place), taps) };
        });
      });
      y[i] = 0;
      for (const slice of along[2]) {
        for (const row of along[1]) {
          for (const column of along[0]) {
            if (Math.min(slice.pixel, row.pixel, column.pixel) < 0) continue;
            const from = ((plane * n.depth + slice.pixel) * n.height + row.pixel) * n.width + column.pixel;
            y[i] += slice.weight * row.weight * column.weight * x[from];
          }
        }
      }
    }
  },
});

function coordinateOf(value: number, size: number, n: Numbers): number {
  const shifted = f(value + 1);
  let at = n.align ? f((shifted / 2) * (size - 1)) : f(f(f(shifted * size) - 1) / 2);
  if (gridKinds[n.kind] === "nearest") at = roundHalfEven(at);
  // Further outside, all taps read the same.
  return isReflected(n) ? mirror(at, size, n) : Math.min(Math.max(at, -4), size + 4);
}

function isReflected({ padding }: Numbers): boolean {
  return gridPaddings[padding] === "reflection";
}

function mirror(at: number, size: number, n: Numbers): number {
  const low = n.align ? 0 : -0.5;
  const range = n.align ? size - 1 : size;
  if (range <= 0) return low;
  const turned = Math.abs(at - low) % (2 * range);
  return at >= low && at <= low + range ? at : f(low + Math.min(turned, 2 * range - turned));
}

/** −1 for zeros outside. */
function pixelOf(at: number, size: number, n: Numbers): number {
  if (gridPaddings[n.padding] === "zeros") return at >= 0 && at < size ? at : -1;
  const place = isReflected(n) ? Math.trunc(mirror(at, size, n)) : at;
  return Math.min(Math.max(place, 0), size - 1);
}

function weightOf(distance: number, taps: number): number {
  if (taps === 1) return 1;
  if (taps === 2) return 1 - distance;
  return distance <= 1
    ? (1.25 * distance - 2.25) * distance * distance + 1
    : ((-0.75 * distance + 3.75) * distance - 6) * distance + 3;
}
