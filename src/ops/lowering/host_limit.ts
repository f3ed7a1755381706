// What the host may make of a few numbers in a file: constants by their shape, tables that are drawn.
import { UnsupportedError } from "../../error.ts";
import { elementCount, type Shape } from "../../tensor/shape.ts";

/** A quarter of a gigabyte of float32: no published model computes a constant of that size. */
const mostElements = 2 ** 26;

/** Its elements; UnsupportedError where they are more than the host makes room for. */
export function hostElements(shape: Shape): number {
  const count = elementCount(shape);
  if (count <= mostElements) return count;
  throw new UnsupportedError(
    `Cannot make a constant of shape [${shape}]: it has ${count} elements, expected at most ${mostElements}`,
  );
}
