// Whether two constants, or two encodings, are written as one.
import type { Tensor } from "../tensor/tensor.ts";
import type { Encoding } from "./encoding.ts";

/** The same elements, in one memory or in two: what was written to a file and read again has its own. */
export function sameTensor(a: Tensor, b: Tensor): boolean {
  if (a === b) return true;
  if (a.dtype !== b.dtype || a.shape.join() !== b.shape.join()) return false;
  return a.bytes.byteLength === b.bytes.byteLength && a.bytes.every((byte, i) => byte === b.bytes[i]);
}

/** The same codes of the same numbers. */
export function sameEncoding(a: Encoding, b: Encoding): boolean {
  const settings = ["bits", "signed", "axis", "narrow", "rounding"] as const;
  return a === b || settings.every((key) => a[key] === b[key]) && sameNumbers(a.scale, b.scale) &&
      sameNumbers(a.zeroPoint, b.zeroPoint);
}

function sameNumbers(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  return a.length === b.length && Array.prototype.every.call(a, (value, i) => value === b[i]);
}
