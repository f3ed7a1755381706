// The axes along which an operator may be computed part by part: results depend only on the same positions of the
// inputs.
import type { StaticValue } from "../../graph/graph.ts";

export type PartAxes = {
  /** The number of such leading axes of every result; 0: it must be computed whole. */
  readonly axes: number;
  /** The number of them that each input has; the others are read whole. Absent: every input has all. */
  readonly inputs?: readonly number[];
  /** True if inputs are broadcast to the results' shape. */
  readonly broadcasts?: boolean;
};

export type PartAxesOf = (
  inputs: readonly (StaticValue | undefined)[],
  outputs: readonly StaticValue[],
) => PartAxes;

/** Each element separately. */
export const everyElement: PartAxesOf = (_, [y]) => ({ axes: y.shape.length, broadcasts: true });

/** Each element of input 0 separately; the others are parameters. */
export const everyElementOfFirst: PartAxesOf = (_, [y]) => ({
  axes: y.shape.length,
  inputs: [y.shape.length],
  broadcasts: true,
});

/** Each image of input 0 separately; the others are parameters. */
export const everyImage: PartAxesOf = () => ({ axes: 1, inputs: [1] });

/** The axes before `axis` of input 0. */
export function before(axis: number): PartAxes {
  return { axes: axis, inputs: [axis] };
}

/** The axes before the first one for which `keeps` is false. */
export function beforeFirst(axes: readonly unknown[], keeps: (axis: number) => boolean): PartAxes {
  const first = axes.findIndex((_, axis) => !keeps(axis));
  return before(first < 0 ? axes.length : first);
}
