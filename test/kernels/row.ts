// A row of a kernel: numbers, buffers, and the bound of a machine's difference from the reference, with its reason.
// Rows are plain data: their names are checked against the shader, and they run on every machine.
import type { Kernel, Numbers } from "../../src/kernels/kernel.ts";

/** A count means that many seeded floats in −1..1; numbers in a plain list are floats. */
export type Contents = number | readonly number[] | Float32Array | Int32Array | Uint32Array;

/** `ulp`: float32 steps; `nmse`: error over signal, squared; `within`: absolute. */
export type Bound = {
  readonly kind: "exact" | "ulp" | "nmse" | "within";
  readonly limit: number;
  readonly reason: string;
};

export type Row = {
  readonly name: string;
  readonly numbers: Numbers;
  /** By binding; buffers that the kernel writes have their contents before the call. */
  readonly buffers: Readonly<Record<string, Contents | undefined>>;
  readonly bound: Bound;
};

export type KernelRows = { readonly kernel: Kernel; readonly rows: readonly Row[] };

export const exact: Bound = { kind: "exact", limit: 0, reason: "copies, comparisons and integers" };

export function ulp(limit: number, reason: string): Bound {
  return { kind: "ulp", limit, reason };
}

export function nmse(limit: number, reason: string): Bound {
  return { kind: "nmse", limit, reason };
}

export function within(limit: number, reason: string): Bound {
  return { kind: "within", limit, reason };
}

/** Sums of a few thousand products in single precision: each rounding is 2^−24, squared and averaged. */
export const sums = nmse(1e-11, "sums in single against sums in double precision");

/** float32's largest means "no clamp", as in plans. */
export const open = { low: -3.4028234663852886e38, high: 3.4028234663852886e38 };

/** Reproducible floats in −1..1 (mulberry32). */
export function seededFloats(count: number, seed: number): Float32Array {
  let state = seed * 0x9e3779b9;
  return Float32Array.from({ length: count }, () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 31 - 1;
  });
}
