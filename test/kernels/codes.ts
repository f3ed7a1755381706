// Codes four to a word for rows and plans: every byte is arbitrary, including the padding of the last word.

import type { Shape } from "../../src/tensor/shape.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";

/** Reproducible words of 32 arbitrary bits. */
export function codeWords(count: number, seed: number): Uint32Array {
  let state = seed * 0x9e3779b9;
  return Uint32Array.from({ length: count }, () => {
    state = (state + 0x6d2b79f5) | 0;
    const mixed = Math.imul(state ^ (state >>> 15), state | 1);
    return (mixed ^ Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) >>> 0;
  });
}

/** Reproducible signed bytes. */
export function signedCodes(count: number, seed: number): Int8Array {
  return new Int8Array(codeWords(Math.ceil(count / 4), seed).buffer, 0, count);
}

/** A tensor of codes, two per byte. */
export function nibbles(dtype: "int4" | "uint4", shape: Shape, codes: ArrayLike<number>): Tensor {
  const bytes = new Uint8Array(Math.ceil(codes.length / 2));
  for (let i = 0; i < codes.length; i++) bytes[i >> 1] |= (codes[i] & 15) << (4 * (i & 1));
  return { dtype, shape, bytes };
}
