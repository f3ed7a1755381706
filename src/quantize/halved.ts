// Converts constants to 16-bit floats.
import { bfloatBits, halfBits } from "../tensor/half.ts";
import { floats, type Tensor, tensor, tensorOver } from "../tensor/tensor.ts";

export type Half = "float16" | "bfloat16";

/** The largest finite number of each type. */
const largest = { float16: 65504, bfloat16: 2 ** 128 - 2 ** 120 } as const;

/** Rounds half to even; finite numbers beyond the type become its largest, not infinity. */
export function toHalf(value: Tensor, type: Half): Tensor {
  const [bitsOf, end] = [type === "float16" ? halfBits : bfloatBits, largest[type]];
  const bits = Uint16Array.from(floats(value), (x) => bitsOf(clampTo(x, end)));
  return tensorOver(type, value.shape, bits);
}

function clampTo(x: number, end: number): number {
  return Math.abs(x) < Infinity ? Math.min(Math.max(x, -end), end) : x;
}

/** The smallest normal float16, and the largest number that float16 rounds to zero. */
const [smallestNormal, smallest] = [2 ** -14, 2 ** -25];

/** The smallest float16 above zero. */
const least = 2 ** -24;

/** To float16, but a nonzero scalar does not become zero: it may be an epsilon that keeps a divisor from zero. */
export function toHalfAboveZero(value: Tensor): Tensor {
  const [x, ...others] = value.shape.every((size) => size === 1) ? floats(value) : [];
  if (x === undefined || others.length > 0 || x === 0 || Math.abs(x) >= least) {
    return toHalf(value, "float16");
  }
  return toHalf(tensor("float32", value.shape, [Math.sign(x) * least]), "float16");
}

/** How many numbers float16 clamps, rounds to zero, and stores as subnormals. */
export function lossesInHalf(
  value: Tensor,
): { readonly held: number; readonly zeros: number; readonly short: number } {
  const lost = { held: 0, zeros: 0, short: 0 };
  const isOne = value.shape.every((size) => size === 1);
  for (const x of floats(value)) {
    const size = Math.abs(x);
    if (size > largest.float16 && size < Infinity) lost.held++;
    else if (size > 0 && size <= smallest && !isOne) lost.zeros++;
    else if (size > 0 && size < smallestNormal) lost.short++;
  }
  return lost;
}
