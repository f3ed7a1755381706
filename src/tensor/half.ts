// The 16-bit floats: the upper half of a float32 (bfloat16), and IEEE's binary16 (float16). Rounding is half to even.
import { roundHalfEven } from "./round.ts";

const float = new Float32Array(1);
const word = new Uint32Array(float.buffer);

/** The float16 nearest to `v`; infinite from 65,520 on. */
export function toHalf(v: number): number {
  const size = Math.abs(Math.fround(v));
  if (size >= 65520) return Math.sign(v) * Infinity;
  if (size === 0 || Number.isNaN(size)) return v;
  const step = 2 ** (Math.max(Math.floor(Math.log2(size)), -14) - 10);
  return Math.sign(v) * roundHalfEven(size / step) * step;
}

/** The bfloat16 nearest to `v`. */
export function toBfloat(v: number): number {
  float[0] = v;
  if (!Number.isFinite(float[0])) return float[0];
  word[0] = bfloatBits(v) * 2 ** 16;
  return float[0];
}

/** The bits of the float16 nearest to `v`. */
export function halfBits(v: number): number {
  const rounded = toHalf(v);
  const sign = rounded < 0 || Object.is(rounded, -0) ? 0x8000 : 0;
  const size = Math.abs(rounded);
  if (Number.isNaN(size)) return 0x7e00;
  if (size === Infinity) return sign + 0x7c00;
  if (size < 2 ** -14) return sign + size * 2 ** 24;
  const exponent = Math.floor(Math.log2(size));
  return sign + (exponent + 15) * 1024 + (size * 2 ** -exponent - 1) * 1024;
}

/** The bits of the bfloat16 nearest to `v`. */
export function bfloatBits(v: number): number {
  float[0] = v;
  if (Number.isNaN(v)) return 0x7fc0;
  return (word[0] + 0x7fff + ((word[0] >>> 16) & 1)) >>> 16 & 0xffff;
}

export function halfToFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

export function bfloatToFloat(bits: number): number {
  word[0] = bits * 2 ** 16;
  return float[0];
}
