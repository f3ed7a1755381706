// Host tensors to device words and back. The device knows f32, i32 and u32: narrower types are widened, 64-bit
// integers saturate at 32 bits (constant folding, not the device, does exact int64 arithmetic).
import type { WordType } from "../kernels/kernel.ts";
import type { DType } from "../tensor/dtype.ts";
import {
  elements,
  floats,
  fromNumbers,
  numbers,
  type Tensor,
  tensorOver,
  type TypedArray,
} from "../tensor/tensor.ts";
import type { Port } from "./plan.ts";

/** Types that fit into 32 bits. */
const unsigned = new Set<DType>(["bool", "uint4", "uint8", "uint16"]);
const signed = new Set<DType>(["int4", "int8", "int16"]);

function codesOf(t: Tensor): ArrayLike<number> {
  return elements(t) as Uint8Array;
}

export function deviceWords(
  t: Tensor,
  type: WordType,
): Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Uint32Array<ArrayBuffer> {
  if (type === "f32") return ownWords(floats(t)) as Float32Array<ArrayBuffer>;
  if (t.dtype === "int32" || t.dtype === "uint32") return ownWords(elements(t)) as Int32Array<ArrayBuffer>;
  // A fast path for narrow integers, because batches of codes take it.
  if (unsigned.has(t.dtype)) return new (type === "u32" ? Uint32Array : Int32Array)(codesOf(t));
  if (signed.has(t.dtype) && type === "i32") return new Int32Array(codesOf(t));
  const values = numbers(t).map((value) =>
    Math.min(Math.max(value, type === "u32" ? 0 : -(2 ** 31)), 2 ** (type === "u32" ? 32 : 31) - 1)
  );
  return type === "u32" ? Uint32Array.from(values) : Int32Array.from(values);
}

/** Words of a plan's output as a tensor of its declared dtype. */
export function hostTensor(bytes: Uint8Array, type: WordType, port: Pick<Port, "dtype" | "shape">): Tensor {
  const { buffer, byteOffset, byteLength } = bytes;
  const words = new ({ f32: Float32Array, i32: Int32Array, u32: Uint32Array }[type])(
    buffer as ArrayBuffer,
    byteOffset,
    byteLength / 4,
  );
  const native = { f32: "float32", i32: "int32", u32: "uint32" }[type];
  if (port.dtype === native) return tensorOver(native as "float32", port.shape, words);
  return fromNumbers(port.dtype, port.shape, words);
}

/** Not every WebGPU implementation uploads shared memory, so views of it are copied. */
function ownWords(words: TypedArray): TypedArray {
  return words.buffer instanceof ArrayBuffer ? words : words.slice();
}
