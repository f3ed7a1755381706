// Integers modulo 2^bits of their types. Words have 32 bits; doubles (constant folding) hold 64-bit types too, exactly
// up to 2^53.
import type { DType } from "../../tensor/dtype.ts";
import type { Words } from "../kernel.ts";

/** The shader's numbers for an integer type; a boolean is 0 or 1 of 32 bits. */
export function integerNumbers(dtype: DType): { bits: number; unsigned: number } {
  const bits = dtype === "bool" ? 32 : Number(/\d+$/.exec(dtype)?.[0]);
  return { bits, unsigned: Number(dtype.startsWith("u")) };
}

/** The number of a type's bits that these words hold. */
export function bitsIn(words: Words, bits: number): number {
  return words instanceof Float64Array ? bits : Math.min(bits, 32);
}

/** A whole number modulo 2^bits. The largest 64-bit integer is 2^63 as a double, and stays. */
export function narrow(v: number | bigint, bits: number, unsigned: number): number {
  const limit = 2 ** (unsigned ? bits : bits - 1);
  const below = v < limit || (bits === 64 && v === limit);
  if (typeof v === "number" && below && v >= (unsigned ? 0 : -limit)) return v;
  // NaN and infinities become 0.
  const whole = typeof v === "bigint" ? v : Number.isFinite(v) ? BigInt(Math.trunc(v)) : 0n;
  return Number(unsigned ? BigInt.asUintN(bits, whole) : BigInt.asIntN(bits, whole));
}
