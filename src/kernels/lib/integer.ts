// Integers as their types hold them. Words have 32 bits; in doubles, where constants are folded, 64-bit types keep all
// theirs (exactly up to 2^53).
import type { DType } from "../../tensor/dtype.ts";
import type { Words } from "../kernel.ts";

/** The shader's numbers for an integer type; a boolean is 0 or 1 of 32 bits. */
export function integerNumbers(dtype: DType): { bits: number; unsigned: number } {
  const bits = dtype === "bool" ? 32 : Number(/\d+$/.exec(dtype)?.[0]);
  return { bits, unsigned: Number(dtype.startsWith("u")) };
}

/** How many of a type's bits there are in these words. */
export function bitsIn(words: Words, bits: number): number {
  return words instanceof Float64Array ? bits : Math.min(bits, 32);
}

/** A whole number modulo 2^bits. The largest of 64 bits is 2^63 as a double, and stays. */
export function narrow(v: number | bigint, bits: number, unsigned: number): number {
  const limit = 2 ** (unsigned ? bits : bits - 1);
  const below = v < limit || (bits === 64 && v === limit);
  if (typeof v === "number" && below && v >= (unsigned ? 0 : -limit)) return v;
  // What is no number at all has no bits.
  const whole = typeof v === "bigint" ? v : Number.isFinite(v) ? BigInt(Math.trunc(v)) : 0n;
  return Number(unsigned ? BigInt.asUintN(bits, whole) : BigInt.asIntN(bits, whole));
}
