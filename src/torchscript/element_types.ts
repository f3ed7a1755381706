// Element types in torch: the number in code (c10/core/ScalarType.h) and the class of a storage.
import { UnsupportedError } from "../error.ts";
import type { DType } from "../tensor/dtype.ts";
import { elements, fromNumbers, numbers, type Tensor } from "../tensor/tensor.ts";

type ElementType = { readonly code: number; readonly storage: string };

const byte = { code: 0, storage: "ByteStorage" };
const char = { code: 1, storage: "CharStorage" };
const int = { code: 3, storage: "IntStorage" };
const long = { code: 4, storage: "LongStorage" };

const elementTypes: Partial<Record<DType, ElementType>> = {
  uint8: byte,
  int8: char,
  int16: { code: 2, storage: "ShortStorage" },
  int32: int,
  int64: long,
  float16: { code: 5, storage: "HalfStorage" },
  float32: { code: 6, storage: "FloatStorage" },
  float64: { code: 7, storage: "DoubleStorage" },
  bool: { code: 11, storage: "BoolStorage" },
  bfloat16: { code: 15, storage: "BFloat16Storage" },
  // torch computes with no unsigned type above 8 bits, and has no storage for them or for 4 bits.
  uint16: int,
  uint32: long,
  uint4: byte,
  int4: char,
};

const widened: Partial<Record<DType, DType>> = {
  uint16: "int32",
  uint32: "int64",
  uint4: "uint8",
  int4: "int8",
};

/** The number of the type that holds these elements. */
export function scalarTypeOf(dtype: DType): number {
  return elementType(dtype).code;
}

/** The class of the storage, and the bytes, little-endian. */
export function storageOf(tensor: Tensor): { readonly storage: string; readonly bytes: Uint8Array } {
  const type = widened[tensor.dtype];
  const held = type ? fromNumbers(type, tensor.shape, numbers(tensor)) : tensor;
  const { buffer, byteOffset, byteLength } = elements(held);
  return {
    storage: elementType(tensor.dtype).storage,
    bytes: new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength),
  };
}

function elementType(dtype: DType): ElementType {
  const found = elementTypes[dtype];
  if (!found) throw new UnsupportedError(`torch computes on no ${dtype} elements`);
  return found;
}
