// Elements at indices that are data: whole slices by index tuples, or element by element.
import { type Axis, copyNumbers } from "./copy_strided.ts";
import { kernel, type Numbers, type Words } from "./kernel.ts";

/** The axes that the numbers of one index run over. */
export type Indexed = { readonly size: number; readonly stride: number };

/** Sizes and strides of at most six indexed axes. */
export function indexedNumbers(axes: readonly Indexed[]): Record<string, number> {
  const numbers: Record<string, number> = { depth: axes.length };
  for (let i = 0; i < 6; i++) {
    numbers[`size${i}`] = axes[i]?.size ?? 1;
    numbers[`stride${i}`] = axes[i]?.stride ?? 0;
  }
  return numbers;
}

/** The offset of an index along an axis: the definition of shaders/lib/clamped_place.wgsl. */
function clampedPlace(index: number, size: number, stride: number): number {
  return Math.min(Math.max(index < 0 ? index + size : index, 0), Math.max(size, 1) - 1) * stride;
}

/** The offset of the index tuple at `at`. */
export function placeOf(indices: Words, at: number, n: Numbers): number {
  let place = 0;
  for (let k = 0; k < n.depth; k++) place += clampedPlace(indices[at + k], n[`size${k}`], n[`stride${k}`]);
  return place;
}

export const gather = kernel("gather", {
  writes: ["y"],
  grid: (n) => [Math.ceil(n.count / 64)],
  reference({ x, indices, y }, n) {
    for (let i = 0; i < n.count; i++) {
      const line = Math.floor(i / n.inner);
      const outer = Math.floor(line / n.picks);
      const at = outer * n.outer_indices + (line % n.picks) * n.depth;
      y[i] = x[outer * n.outer_stride + placeOf(indices, at, n) + i % n.inner];
    }
  },
});

/** The numbers of `gatherElements`: `axes` run over the indices, with the strides of x and 0 along the axis. */
export function elementNumbers(axes: readonly Axis[], { size, stride }: Indexed): Record<string, number> {
  const numbers = copyNumbers(axes);
  const places = Object.entries(numbers).filter(([name]) => /^(count|dim\d|in\d)$/.test(name));
  return { ...Object.fromEntries(places), size, stride };
}

export const gatherElements = kernel("gather_elements", {
  writes: ["y"],
  grid: (n) => [Math.ceil(n.count / 64)],
  reference({ x, indices, y }, n) {
    for (let i = 0; i < n.count; i++) {
      let rest = i;
      let from = clampedPlace(indices[i], n.size, n.stride);
      for (let axis = 5; axis >= 0; axis--) {
        const at = axis === 0 ? rest : rest % n[`dim${axis}`];
        if (axis > 0) rest = Math.floor(rest / n[`dim${axis}`]);
        from += at * n[`in${axis}`];
      }
      y[i] = x[from];
    }
  },
});
