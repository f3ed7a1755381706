// A padded copy whose padding comes from the source itself or, for constants that are data, from a buffer.
import { type Axis, copyNumbers } from "./copy_strided.ts";
import { constantsOf, kernel } from "./kernel.ts";

/** The index is `mode`. */
export const padModes = ["constant", "reflect", "edge", "wrap"] as const;
export type PadMode = (typeof padModes)[number];

/** The numbers of a padded copy over at most six axes; `low` and `size` say where the source is. */
export function padNumbers(mode: PadMode, axes: readonly Axis[], inOffset = 0): Record<string, number> {
  const { fill: _fill, out_offset: _to, ...numbers } = copyNumbers(axes, inOffset);
  return { ...numbers, mode: padModes.indexOf(mode) };
}

export const pad = kernel("pad", {
  constants: constantsOf("mode", padModes),
  writes: ["y"],
  grid: (n) => [Math.ceil(n.count / 64)],
  reference({ x, fill, y }, n) {
    for (let i = 0; i < n.count; i++) {
      let rest = i;
      let from = n.in_offset;
      let to = 0;
      for (let axis = 5; axis >= 0; axis--) {
        const at = axis === 0 ? rest : rest % n[`dim${axis}`];
        if (axis > 0) rest = Math.floor(rest / n[`dim${axis}`]);
        from += sourceOf(padModes[n.mode], at - n[`low${axis}`], n[`size${axis}`]) * n[`in${axis}`];
        to += at * n[`out${axis}`];
      }
      y[to] = Number.isNaN(from) ? fill[0] : x[from];
    }
  },
});

/** The source of a place within or beyond an axis; NaN if there is none. */
export function sourceOf(mode: PadMode, at: number, size: number): number {
  if (mode === "edge") return Math.min(Math.max(at, 0), size - 1);
  if (mode === "constant") return at >= 0 && at < size ? at : NaN;
  const period = Math.max(mode === "wrap" ? size : 2 * size - 2, 1);
  const turned = ((at % period) + period) % period;
  return mode === "wrap" ? turned : Math.min(turned, period - turned);
}
