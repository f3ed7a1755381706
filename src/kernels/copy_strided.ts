// One strided copy in six dimensions: Slice, Pad, Transpose, Expand, Concat and every change of layout.
import { UnsupportedError } from "../error.ts";
import type { DType } from "../tensor/dtype.ts";
import { type Call, call, kernel, withElement, wordTypeOf } from "./kernel.ts";

export type Axis = {
  /** Elements along this axis of the result. */
  readonly count: number;
  /** Begin (for Pad: the padding before) and size of the source along this axis; the rest becomes `fill`. */
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
  if (axes.length > 6) {
    throw new UnsupportedError(`Cannot copy over ${axes.length} axes, expected at most six`);
  }
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

/** Maximum number of calls for a copy over more than six axes. */
const mostCalls = 256;

/** The calls of a copy: one, unless more than six axes remain after contiguous neighbours are joined. */
export function copyCalls(
  x: { readonly buffer: string; readonly dtype: DType },
  y: string,
  axes: readonly Axis[],
  { from = 0, to = 0, fill = 0 } = {},
): Call[] {
  const kernel = withElement(copyStrided, wordTypeOf(x.dtype));
  const parts = axes.length > 6 ? split(joinAxes(axes), from, to) : [{ axes, from, to }];
  return parts.map((part) =>
    call(kernel, { x: x.buffer, y }, copyNumbers(part.axes, part.from, part.to, fill))
  );
}

/** Drops axes of one element and joins neighbouring axes that are contiguous in both buffers. */
export function joinAxes(axes: readonly Axis[]): Axis[] {
  const result: Axis[] = [];
  const isWhole = ({ count, low = 0, size = count }: Axis) => low === 0 && size === count;
  for (const axis of axes) {
    if (axis.count === 1 && isWhole(axis)) continue;
    const { count, inStride, outStride } = axis;
    const last = result.at(-1);
    const runsOn = last && isWhole(last) && isWhole(axis) && last.inStride === inStride * count &&
      last.outStride === outStride * count;
    if (runsOn) result[result.length - 1] = { count: last.count * count, inStride, outStride };
    else result.push(axis);
  }
  return result;
}

type Part = { readonly axes: readonly Axis[]; readonly from: number; readonly to: number };

/** Copies over at most six axes: the shortest axes become separate calls. */
function split(axes: readonly Axis[], from: number, to: number): Part[] {
  const walked = [...axes].sort((a, b) => a.count - b.count).slice(0, Math.max(0, axes.length - 6));
  const calls = walked.reduce((product, { count }) => product * count, 1);
  if (calls > mostCalls) {
    throw new UnsupportedError(
      `Cannot copy over ${axes.length} axes: it takes ${calls} calls, expected six axes or ${mostCalls} calls`,
    );
  }
  let parts: Part[] = [{ axes: axes.filter((axis) => !walked.includes(axis)), from, to }];
  for (const { count, low = 0, size = count, inStride, outStride } of walked) {
    parts = parts.flatMap((part) =>
      Array.from({ length: count }, (_, i): Part => {
        const source = i - low;
        const inside = source >= 0 && source < size;
        return {
          axes: inside ? part.axes : part.axes.map((axis) => ({ ...axis, size: 0 })),
          from: part.from + (inside ? source * inStride : 0),
          to: part.to + i * outStride,
        };
      })
    );
  }
  return parts;
}

export const copyStrided = kernel("copy_strided", {
  writes: ["y"],
  grid: (n) => [Math.ceil(n.count / 64)],
  reference({ x, y }, n) {
    const axes = [0, 1, 2, 3, 4, 5].map((axis) => ({
      count: n[`dim${axis}`],
      low: n[`low${axis}`],
      size: n[`size${axis}`],
      inStride: n[`in${axis}`],
      outStride: n[`out${axis}`],
    }));
    axes[0].count = n.count / axes.slice(1).reduce((product, { count }) => product * count, 1);
    const copy = (axis: number, from: number, to: number, inside: boolean) => {
      const { count, low, size, inStride, outStride } = axes[axis];
      for (let at = 0; at < count; at++) {
        const source = at - low;
        const isHere = inside && source >= 0 && source < size;
        const x0 = from + source * inStride;
        const y0 = to + at * outStride;
        if (axis < 5) copy(axis + 1, x0, y0, isHere);
        else y[y0] = isHere ? x[x0] : n.fill;
      }
    };
    copy(0, n.in_offset, n.out_offset, true);
  },
});
