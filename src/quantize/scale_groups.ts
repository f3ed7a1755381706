// Which elements of a tensor share a scale: all of them, or those with equal indices along some axes.
import { distinctAxes, elementCount, type Shape } from "../tensor/shape.ts";

/** One axis or several; a negative one counts from the end. Absent: one scale. */
export type ScaleAxes = number | readonly number[] | undefined;

export type ScaleGroups = {
  /** The tensor's shape; neighbouring axes that all have scales, or all have none, are merged. */
  readonly shape: Shape;
  /** `shape` with 1 for every axis without scales, so that scales of this shape broadcast. */
  readonly scaleShape: Shape;
  /** The number of scales. */
  readonly count: number;
  /** The index of the scale of a row-major element. */
  readonly groupOf: (element: number) => number;
};

/** @throws RangeError for an axis that the shape does not have, or that is given twice. */
export function scaleGroups(shape: Shape, axes: ScaleAxes): ScaleGroups {
  const merged = mergeAxes(shape, new Set(normalAxes(shape, axes)));
  const sizes = merged.map(({ size }) => size);
  const scaleShape = merged.map(({ size, isOwn }) => isOwn ? size : 1);
  let [stride, count] = [1, 1];
  const parts: { stride: number; size: number; step: number }[] = [];
  for (const { size, isOwn } of merged.toReversed()) {
    if (isOwn) parts.push({ stride, size, step: count });
    if (isOwn) count *= size;
    stride *= size;
  }
  const groupOf = (element: number) => {
    let group = 0;
    for (const { stride, size, step } of parts) group += (Math.floor(element / stride) % size) * step;
    return group;
  };
  return { shape: sizes, scaleShape, count, groupOf };
}

function normalAxes(shape: Shape, axes: ScaleAxes): number[] {
  const given = axes === undefined ? [] : [axes].flat();
  try {
    return distinctAxes(given, shape.length);
  } catch (cause) {
    const [state] = (cause as Error).message.split(": ");
    const text = `Cannot quantize a tensor of shape [${shape}] along axis ${given}: ${lowerFirst(state)}`;
    throw new RangeError(text, { cause });
  }
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

function mergeAxes(shape: Shape, own: ReadonlySet<number>) {
  const merged: { size: number; isOwn: boolean }[] = [];
  shape.forEach((size, axis) => {
    const last = merged.at(-1);
    if (last?.isOwn === own.has(axis)) last.size *= size;
    else merged.push({ size, isOwn: own.has(axis) });
  });
  return merged.length > 0 ? merged : [{ size: elementCount(shape), isOwn: false }];
}
