// ONNX's tolerance for backend tests (onnx.backend.test.runner and .loader): equal types, floats within
// |found − expected| <= 1e-7 + 1e-3 · |expected|, NaN equals NaN. Stricter here: integers and shapes are equal.
import { sameShape, type Shape, stridesOf } from "../../src/tensor/shape.ts";
import { elements, numbers, type Tensor } from "../../src/tensor/tensor.ts";

export const tolerance = { relative: 1e-3, absolute: 1e-7 };

/** How `found` differs from `expected`, in words; undefined if it does not. */
export function difference(found: Tensor | undefined, expected: Tensor): string | undefined {
  if (!found) return "it is missing";
  if (found.dtype !== expected.dtype) return `its type is ${found.dtype}, expected ${expected.dtype}`;
  if (!sameShape(found.shape, expected.shape)) {
    return `its shape is [${found.shape}], expected [${expected.shape}]`;
  }
  const isFloat = /^b?float/.test(expected.dtype);
  const valuesOf = (t: Tensor): ArrayLike<number | bigint> => isFloat ? numbers(t) : elements(t);
  return firstWorst(valuesOf(found), valuesOf(expected), expected.shape, isFloat);
}

function firstWorst(
  found: ArrayLike<number | bigint>,
  expected: ArrayLike<number | bigint>,
  shape: Shape,
  isFloat: boolean,
): string | undefined {
  let [count, worst, worstAt] = [0, -1, 0];
  for (let i = 0; i < expected.length; i++) {
    if (Object.is(found[i], expected[i]) || found[i] === expected[i]) continue;
    const [x, y] = [Number(found[i]), Number(expected[i])];
    // NaN or infinity on one side only counts as infinitely far.
    const distance = Number.isFinite(x) && Number.isFinite(y) ? Math.abs(x - y) : Infinity;
    if (isFloat && distance <= tolerance.absolute + tolerance.relative * Math.abs(y) && distance < Infinity) {
      continue;
    }
    count++;
    if (distance > worst) [worst, worstAt] = [distance, i];
  }
  if (count === 0) return undefined;
  const pair = `${found[worstAt]} at [${indexAt(worstAt, shape)}], expected ${expected[worstAt]}`;
  return `${count} of ${expected.length} elements differ, the worst is ${pair}`;
}

function indexAt(flat: number, shape: Shape): number[] {
  return stridesOf(shape).map((stride, axis) => Math.floor(flat / stride) % shape[axis]);
}
