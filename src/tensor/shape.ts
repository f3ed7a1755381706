// Arithmetic of static shapes, row-major.

export type Shape = readonly number[];

/** Number of elements; 1 for a scalar. */
export function elementCount(shape: Shape): number {
  return shape.reduce((product, dim) => product * dim, 1);
}

/** Row-major strides in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis];
  }
  return strides;
}

/** The shape of an elementwise result (ONNX "Broadcasting in ONNX"); RangeError if the shapes are incompatible. */
export function broadcastShapes(a: Shape, b: Shape): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const x = a[i - rank + a.length] ?? 1;
    const y = b[i - rank + b.length] ?? 1;
    if (x !== y && x !== 1 && y !== 1) {
      throw new RangeError(`Cannot broadcast [${a}] with [${b}]: dimension ${i} is ${x} against ${y}`);
    }
    return x === 1 ? y : x;
  });
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dim, i) => dim === b[i]);
}

/** The size of an axis; 1 if there is no axis. */
export function lengthAlong(shape: Shape, axis: number | undefined): number {
  return axis === undefined ? 1 : shape[axis];
}

/** A negative axis counts from the end; RangeError if it is out of range. */
export function normalAxis(axis: number, rank: number): number {
  const normal = axis < 0 ? axis + rank : axis;
  if (normal < 0 || normal >= Math.max(rank, 1)) {
    throw new RangeError(`Axis is ${axis}, expected ${-rank}..${rank - 1}`);
  }
  return normal;
}

/** `normalAxis` of each; RangeError if an axis occurs twice. */
export function distinctAxes(axes: readonly number[], rank: number): number[] {
  const normal = axes.map((axis) => normalAxis(axis, rank));
  if (new Set(normal).size === axes.length) return normal;
  throw new RangeError(`Axes are [${axes}], expected each axis of ${rank} at most once`);
}
