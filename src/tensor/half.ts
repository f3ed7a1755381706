// float32 numbers as the bits of 16-bit floats: rounded half to even, NaN kept, finite numbers beyond the type's largest
// become the largest (IEEE 754 would make them infinite).
import { roundHalfEven } from "./round.ts";

const view = new DataView(new ArrayBuffer(4));

/** The bits of a float16 (1 sign, 5 exponent, 10 fraction). */
export function halfBits(x: number): number {
  view.setFloat32(0, x);
  const bits = view.getUint32(0);
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = Math.abs(Math.fround(x));
  if (Number.isNaN(magnitude)) return sign | 0x7e00;
  if (magnitude === Infinity) return sign | 0x7c00;
  if (magnitude >= 65504) return sign | 0x7bff;
  // Below 2^−14 numbers are multiples of 2^−24; above, of 2^(E − 10).
  const exponent = magnitude < 2 ** -14 ? -14 : ((bits >>> 23) & 255) - 127;
  const units = roundHalfEven(magnitude * 2 ** (10 - exponent));
  const base = magnitude < 2 ** -14 ? 0 : (exponent + 14) << 10;
  // A carry out of the fraction goes into the exponent, as it should.
  return sign | Math.min(base + units, 0x7bff);
}

/** The bits of a bfloat16: the upper half of a float32. */
export function bfloatBits(x: number): number {
  view.setFloat32(0, x);
  const bits = view.getUint32(0);
  if (Number.isNaN(x)) return ((bits >>> 16) & 0x8000) | 0x7fc0;
  const rounded = (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
  const overflows = (rounded & 0x7fff) === 0x7f80 && Math.abs(x) !== Infinity;
  return overflows ? (rounded & 0x8000) | 0x7f7f : rounded;
}
