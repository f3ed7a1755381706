// One strided copy in six dimensions: Slice, Pad, Transpose, Expand, Concat and every change of layout.
import { kernel } from "./kernel.ts";

export type Axis = {
  /** Elements along this axis of the result. */
  readonly count: number;
  /** Where the source begins on this axis (Pad: the padding before) and how far it reaches; `fill` elsewhere. */
  readonly low?: number;
  readonly size?: number;
  readonly inStride: number;
  readonly outStride: number;
};

/** The numbers of a copy over at most six axes. */
export function copyNumbers(
  axes: readonly Axis[],
  inOffset = 0,
  outOffset = 0,
  fill = 0,
): Record<string, number> {
  const padding = Array.from(
    { length: 6 - axes.length },
    (): Axis => ({ count: 1, inStride: 0, outStride: 0 }),
  );
  const numbers: Record<string, number> = { count: 1, in_offset: inOffset, out_offset: outOffset, fill };
  [...padding, ...axes].forEach((axis, i) => {
    numbers.count *= axis.count;
    if (i > 0) numbers[`dim${i}`] = axis.count;
    numbers[`low${i}`] = axis.low ?? 0;
    numbers[`size${i}`] = axis.size ?? axis.count;
    numbers[`in${i}`] = axis.inStride;
    numbers[`out${i}`] = axis.outStride;
  });
  return numbers;
}

export const copyStrided = kernel("copy_strided", {
  writes: ["y"],
  grid: (n) => [Math.ceil(n.count / 64)],
  reference({ x, y }, n) {
    for (let i = 0; i < n.count; i++) {
      let rest = i;
      let from = n.in_offset;
      let to = n.out_offset;
      let inside = true;
      for (let axis = 5; axis >= 0; axis--) {
        const at = axis === 0 ? rest : rest % n[`dim${axis}`];
        if (axis > 0) rest = Math.floor(rest / n[`dim${axis}`]);
        const source = at - n[`low${axis}`];
        inside &&= source >= 0 && source < n[`size${axis}`];
        from += source * n[`in${axis}`];
        to += at * n[`out${axis}`];
      }
      y[to] = inside ? x[from] : n.fill;
    }
  },
});
