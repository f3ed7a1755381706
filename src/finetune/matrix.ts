// A layer's weights as a matrix: one row an output channel, the rest of the shape flattened in its order.
import type { Shape } from "../tensor/shape.ts";

/** Element of row-major `shape` at (row, column) when `axis` runs over rows. */
function places(shape: Shape, axis: number) {
  const rows = shape[axis];
  const inner = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  const columns = shape.reduce((a, b) => a * b, 1) / rows;
  const at = (row: number, column: number) =>
    (Math.floor(column / inner) * rows + row) * inner + (column % inner);
  return { rows, columns, at };
}

export function rowsOf(values: Float32Array, shape: Shape, axis: number): Float64Array[] {
  const { rows, columns, at } = places(shape, axis);
  return Array.from(
    { length: rows },
    (_, row) => Float64Array.from({ length: columns }, (_, column) => values[at(row, column)]),
  );
}

export function fromRows(matrix: readonly ArrayLike<number>[], shape: Shape, axis: number): Float32Array {
  const { rows, columns, at } = places(shape, axis);
  const values = new Float32Array(rows * columns);
  matrix.forEach((row, r) => {
    for (let column = 0; column < columns; column++) values[at(r, column)] = row[column];
  });
  return values;
}
