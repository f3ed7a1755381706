// A host tensor is bytes with a type and a shape. Bytes may be an unaligned view into a model file: typed access
// copies only then, so decoding 200 MB of weights copies nothing.
import { UnsupportedError } from "../error.ts";
import { bytesFor, type DType } from "./dtype.ts";
import { bfloatBits, bfloatToFloat, halfBits, halfToFloat } from "./half.ts";
import { elementCount, type Shape } from "./shape.ts";

export type Tensor = { readonly dtype: DType; readonly shape: Shape; readonly bytes: Uint8Array };

export type TypedArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

const arrays = {
  float32: Float32Array,
  float64: Float64Array,
  int8: Int8Array,
  uint8: Uint8Array,
  bool: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  float16: Uint16Array,
  bfloat16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
} as const; // deno-fmt-ignore

/** A tensor from numbers (or bigints for 64-bit types), copied. */
export function tensor(dtype: keyof typeof arrays, shape: Shape, values: ArrayLike<number | bigint>): Tensor {
  if (values.length !== elementCount(shape)) {
    throw new RangeError(`Cannot make a tensor of shape [${shape}]: ${values.length} values, expected ${elementCount(shape)}`);
  }
  const Array_ = arrays[dtype];
  if (!Array_) throw unreadable(dtype);
  const wide = dtype === "int64" || dtype === "uint64";
  const data = new Array_(values.length);
  // A fast path without bigints, because batches of codes take it.
  if (!wide && ArrayBuffer.isView(values) && typeof values[0] === "number") {
    (data as Float32Array).set(values as ArrayLike<number>);
    return { dtype, shape, bytes: new Uint8Array(data.buffer) };
  }
  for (let i = 0; i < values.length; i++) data[i] = (wide ? BigInt(values[i]) : Number(values[i])) as never;
  return { dtype, shape, bytes: new Uint8Array(data.buffer) };
}

/** Whether both have the same type and bytes, whatever their shapes. */
export function sameElements(a: Tensor, b: Tensor): boolean {
  if (a === b) return true;
  return a.dtype === b.dtype && a.bytes.length === b.bytes.length &&
    a.bytes.every((byte, i) => byte === b.bytes[i]);
}

function unreadable(dtype: DType): UnsupportedError {
  const expected = `expected ${Object.keys(arrays).join(", ")}, int4 or uint4`;
  return new UnsupportedError(
    `Cannot compute on ${dtype} data: halftone does not support this type, ${expected}`,
  );
}

/** The inverse of `numbers`: 16-bit floats are rounded, 4-bit types are packed. */
export function fromNumbers(dtype: DType, shape: Shape, values: ArrayLike<number | bigint>): Tensor {
  if (dtype === "int4" || dtype === "uint4") return halfBytes(dtype, shape, values as ArrayLike<number>);
  const bitsOf = { float16: halfBits, bfloat16: bfloatBits }[dtype as string];
  const held = bitsOf ? Array.from(values as ArrayLike<number>, bitsOf) : values;
  return tensor(dtype as keyof typeof arrays, shape, held);
}

/** Packs two codes per byte, the first in the low half (ONNX, TensorProto.int32_data). */
function halfBytes(dtype: DType, shape: Shape, codes: ArrayLike<number>): Tensor {
  const bytes = new Uint8Array(Math.ceil(codes.length / 2));
  for (let i = 0; i < codes.length; i++) bytes[i >> 1] |= (codes[i] & 15) << (4 * (i & 1));
  return { dtype, shape, bytes };
}

/** A tensor that shares the memory of a typed array. */
export function tensorOver(dtype: keyof typeof arrays, shape: Shape, data: TypedArray): Tensor {
  return { dtype, shape, bytes: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) };
}

/** The elements as a typed array: a view where the bytes are aligned, else a copy. float16 and bfloat16 stay bits. */
export function elements(t: Tensor): TypedArray {
  if (t.dtype === "int4" || t.dtype === "uint4") return nibbles(t);
  const Array_ = arrays[t.dtype as keyof typeof arrays];
  if (!Array_) throw unreadable(t.dtype);
  const count = elementCount(t.shape);
  // Not slice(): a Node Buffer's shares its memory, and with it the alignment.
  const bytes = t.bytes.byteOffset % Array_.BYTES_PER_ELEMENT === 0 ? t.bytes : new Uint8Array(t.bytes);
  return new Array_(bytes.buffer as ArrayBuffer, bytes.byteOffset, count);
}

/** Unpacks two codes per byte, the first in the low half, to one per byte. */
function nibbles(t: Tensor): Int8Array | Uint8Array {
  const count = elementCount(t.shape);
  const codes = t.dtype === "int4" ? new Int8Array(count) : new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    const code = (t.bytes[i >> 1] >> (4 * (i & 1))) & 15;
    codes[i] = t.dtype === "int4" && code > 7 ? code - 16 : code;
  }
  return codes;
}

/** The elements as float32: a view for float32, else converted (16-bit floats exactly). */
export function floats(t: Tensor): Float32Array {
  const data = elements(t);
  if (data instanceof Float32Array) return data;
  if (t.dtype === "float16") return Float32Array.from(data as Uint16Array, halfToFloat);
  if (t.dtype === "bfloat16") return Float32Array.from(data as Uint16Array, bfloatToFloat);
  const result = new Float32Array(data.length);
  for (let i = 0; i < data.length; i++) result[i] = Number(data[i]);
  return result;
}

/** The elements as numbers; 64-bit integers beyond 2^53 become the nearest double (INT64_MAX stays "very large"). */
export function numbers(t: Tensor): number[] {
  if (t.dtype === "float16" || t.dtype === "bfloat16") return Array.from(floats(t));
  return Array.from(elements(t) as ArrayLike<number | bigint>, Number);
}

/** `numbers` in a typed array. */
export function doubles(t: Tensor): Float64Array {
  const data = t.dtype === "float16" || t.dtype === "bfloat16" ? floats(t) : elements(t);
  const isWide = data instanceof BigInt64Array || data instanceof BigUint64Array;
  return isWide
    ? Float64Array.from(data as ArrayLike<bigint>, Number)
    : new Float64Array(data as Float32Array);
}

/** Whether the number of bytes matches dtype and shape. */
export function fits(t: Tensor): boolean {
  return t.bytes.byteLength === bytesFor(t.dtype, elementCount(t.shape));
}
