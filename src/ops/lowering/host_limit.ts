// A limit for constants that the host creates from a few numbers in a file.
import { UnsupportedError } from "../../error.ts";
import { elementCount, type Shape } from "../../tensor/shape.ts";

/** 256 MB of float32: no published model computes a constant of that size. */
const mostElements = 2 ** 26;

/** The number of elements; UnsupportedError above the host's limit. */
export function hostElements(shape: Shape): number {
  const count = elementCount(shape);
  if (count <= mostElements) return count;
  throw new UnsupportedError(
    `Cannot make a constant of shape [${shape}]: it has ${count} elements, expected at most ${mostElements}`,
  );
}
