// Element types, in the order of ONNX's TensorProto.DataType (the index is the code in a file; ONNX IR 14).

export const dtypes = [
  "undefined",
  "float32",
  "uint8",
  "int8",
  "uint16",
  "int16",
  "int32",
  "int64",
  "string",
  "bool",
  "float16",
  "float64",
  "uint32",
  "uint64",
  "complex64",
  "complex128",
  "bfloat16",
  "float8e4m3fn",
  "float8e4m3fnuz",
  "float8e5m2",
  "float8e5m2fnuz",
  "uint4",
  "int4",
  "float4e2m1",
  "float8e8m0",
  "uint2",
  "int2",
] as const; // deno-fmt-ignore

export type DType = (typeof dtypes)[number];

const bitsOf: Record<DType, number> = {
  undefined: 0,
  float32: 32,
  uint8: 8,
  int8: 8,
  uint16: 16,
  int16: 16,
  int32: 32,
  int64: 64,
  string: 0,
  bool: 8,
  float16: 16,
  float64: 64,
  uint32: 32,
  uint64: 64,
  complex64: 64,
  complex128: 128,
  bfloat16: 16,
  float8e4m3fn: 8,
  float8e4m3fnuz: 8,
  float8e5m2: 8,
  float8e5m2fnuz: 8,
  uint4: 4,
  int4: 4,
  float4e2m1: 4,
  float8e8m0: 8,
  uint2: 2,
  int2: 2,
}; // deno-fmt-ignore

/** Bits per element; 0 if elements have no fixed width (string). Types under 8 bits are packed. */
export function bitsPerElement(dtype: DType): number {
  return bitsOf[dtype];
}

/** Bytes of `count` elements in a file or a Tensor (packed types round up). */
export function bytesFor(dtype: DType, count: number): number {
  return Math.ceil((count * bitsOf[dtype]) / 8);
}

/** The smallest and largest code of an integer type of `bits` bits. */
export function codeRange(bits: number, signed: boolean): [low: number, high: number] {
  return signed ? [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1] : [0, 2 ** bits - 1];
}

/** Lowest and highest code of an integer dtype. */
export function codesOfType(dtype: DType): [low: number, high: number] {
  const bits = Number(/\d+/.exec(dtype)?.[0]);
  return codeRange(bits, !dtype.startsWith("u"));
}
