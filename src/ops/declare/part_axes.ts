// Along which axes an operator may be computed part by part: there, an element of the results depends on the same places
// of its inputs only.
import type { StaticValue } from "../../graph/graph.ts";

export type PartAxes = {
  /** So many leading axes of every result; 0: it must be computed whole. */
  readonly axes: number;
  /** How many of them each input has too; the others are read whole. Absent: every input has all. */
  readonly inputs?: readonly number[];
  /** True where inputs are broadcast: their axes are the results' last ones, and an axis of one element repeats. */
  readonly broadcasts?: boolean;
};

export type PartAxesOf = (
  inputs: readonly (StaticValue | undefined)[],
  outputs: readonly StaticValue[],
) => PartAxes;

/** Each element by itself. */
export const everyElement: PartAxesOf = (_, [y]) => ({ axes: y.shape.length, broadcasts: true });

/** Each element of input 0 by itself; the others are parameters. */
export const everyElementOfFirst: PartAxesOf = (_, [y]) => ({
  axes: y.shape.length,
  inputs: [y.shape.length],
  broadcasts: true,
});

/** Each image of input 0 by itself; the others are parameters. */
export const everyImage: PartAxesOf = () => ({ axes: 1, inputs: [1] });

/** Whatever stands before an axis of input 0 by itself. */
export function before(axis: number): PartAxes {
  return { axes: axis, inputs: [axis] };
}

/** Before the first axis of which `keeps` is false. */
export function beforeFirst(axes: readonly unknown[], keeps: (axis: number) => boolean): PartAxes {
  const first = axes.findIndex((_, axis) => !keeps(axis));
  return before(first < 0 ? axes.length : first);
}
