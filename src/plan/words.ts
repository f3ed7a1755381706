// Host tensors to device words and back. The device knows f32, i32 and u32: narrower types are widened, 64-bit
// integers saturate at 32 bits (constant folding, not the device, does exact int64 arithmetic).
import type { WordType } from "../kernels/kernel.ts";
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

export function deviceWords(
  t: Tensor,
  type: WordType,
): Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Uint32Array<ArrayBuffer> {
  if (type === "f32") return padded(floats(t)) as Float32Array<ArrayBuffer>;
  if (t.dtype === "int32" || t.dtype === "uint32") return padded(elements(t)) as Int32Array<ArrayBuffer>;
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

/** Shared memory cannot be uploaded by every WebGPU; a view of it is copied. */
function padded(words: TypedArray): TypedArray {
  return words.buffer instanceof ArrayBuffer ? words : words.slice();
}
