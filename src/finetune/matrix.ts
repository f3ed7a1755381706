// A layer's weights as a matrix: one row per output channel, columns in the order of the input patch.
import { elementCount, type Shape } from "../tensor/shape.ts";

export type Arrangement = {
  readonly shape: Shape;
  /** The axis of output channels. */
  readonly axis: number;
  /** Number of groups, if `axis` covers the output channels of one group and the axes before it cover the groups. */
  readonly repeats?: number;
};

/** The number of rows and columns, and the element of row-major `shape` at (row, column). */
export function places({ shape, axis, repeats = 1 }: Arrangement) {
  const channels = shape[axis];
  const inner = elementCount(shape.slice(axis + 1));
  const outer = elementCount(shape.slice(0, axis)) / repeats;
  const at = (row: number, column: number) => {
    const before = Math.floor(row / channels) * outer + Math.floor(column / inner);
    return (before * channels + row % channels) * inner + (column % inner);
  };
  return { rows: repeats * channels, columns: outer * inner, at };
}

export function rowsOf(values: Float32Array, arrangement: Arrangement): Float64Array[] {
  const { rows, columns, at } = places(arrangement);
  return Array.from(
    { length: rows },
    (_, row) => Float64Array.from({ length: columns }, (_, column) => values[at(row, column)]),
  );
}

export function fromRows(matrix: readonly ArrayLike<number>[], arrangement: Arrangement): Float32Array {
  const { rows, columns, at } = places(arrangement);
  const values = new Float32Array(rows * columns);
  matrix.forEach((row, r) => {
    for (let column = 0; column < columns; column++) values[at(r, column)] = row[column];
  });
  return values;
}
