// The .npy format, versions 1 to 3 (numpy.lib.format). Big-endian and Fortran-order files are converted; object, text
// and structured arrays are rejected.
import { ModelError } from "../error.ts";
import { bytesFor, type DType } from "../tensor/dtype.ts";
import { elementCount, type Shape, stridesOf } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";

export type NpyHeader = {
  readonly dtype: DType;
  readonly bigEndian: boolean;
  readonly fortran: boolean;
  readonly shape: Shape;
  /** Where the elements start. */
  readonly offset: number;
};

const dtypeOf: Record<string, DType> = {
  b1: "bool",
  i1: "int8",
  u1: "uint8",
  i2: "int16",
  u2: "uint16",
  i4: "int32",
  u4: "uint32",
  i8: "int64",
  u8: "uint64",
  f2: "float16",
  f4: "float32",
  f8: "float64",
}; // deno-fmt-ignore

/** The most bytes that a header needs; a longer one does not belong to a tensor. */
export const headerBytesMax = 12 + 65536;

/** Reads the header from the first bytes of a file of `fileBytes` in all; `file` names it in messages. */
export function readNpyHeader(start: Uint8Array, fileBytes: number, file: string): NpyHeader {
  const refuse = (found: string): never => {
    throw new ModelError(`Cannot read array "${file}": ${found}`);
  };
  const magic = String.fromCharCode(...start.subarray(0, 6));
  if (magic !== "\x93NUMPY") refuse("it does not start with NumPy's magic, expected a .npy file");
  if (start.length < 12) refuse(`it ends after ${start.length} bytes, inside its header`);
  const version = start[6];
  if (version < 1 || version > 3) refuse(`its version is ${version}, expected 1, 2 or 3`);
  const view = new DataView(start.buffer, start.byteOffset, start.byteLength);
  const textStart = version === 1 ? 10 : 12;
  const offset = textStart + (version === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
  if (offset > start.length) refuse(`its header should be ${offset} bytes, the file has ${fileBytes}`);
  const text = new TextDecoder("latin1").decode(start.subarray(textStart, offset));
  const descr = /'descr'\s*:\s*'([<>|=])([a-zA-Z]\d+)'/.exec(text);
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(text);
  const dims = /'shape'\s*:\s*\(([\d,\s]*)\)/.exec(text);
  if (!order || !dims) return refuse("its header is damaged, expected descr, fortran_order and shape");
  const dtype = descr ? dtypeOf[descr[2]] : undefined;
  if (!descr || !dtype) {
    const found = /'descr'\s*:\s*(.{1,40})/.exec(text)?.[1] ?? "missing";
    return refuse(`its element type is ${found}, expected bool, integers or floats up to 64 bits`);
  }
  const shape = dims[1].split(",").map((dim) => dim.trim()).filter((dim) => dim !== "").map(Number);
  if (!Number.isFinite(elementCount(shape.map((size) => Math.max(size, 1))))) {
    refuse(`its shape is [${shape}], expected one that a file can hold`);
  }
  const expected = offset + bytesFor(dtype, elementCount(shape));
  if (fileBytes !== expected) {
    refuse(`it has ${fileBytes} bytes, expected ${expected} for ${dtype} [${shape}]`);
  }
  return {
    dtype,
    bigEndian: descr[1] === ">",
    fortran: order[1] === "True" && shape.length > 1,
    shape,
    offset,
  };
}

/** Reads a whole array. */
export function readNpy(bytes: Uint8Array, file: string): Tensor {
  const header = readNpyHeader(bytes.subarray(0, headerBytesMax), bytes.length, file);
  const { dtype, shape, fortran } = header;
  const native = nativeBytes(bytes.subarray(header.offset), header);
  return { dtype, shape, bytes: fortran ? toRowMajor(native, dtype, shape) : native };
}

/** Elements in little-endian order; the same bytes if they are already. */
export function nativeBytes(bytes: Uint8Array, { dtype, bigEndian }: NpyHeader): Uint8Array {
  const width = bytesFor(dtype, 1);
  if (!bigEndian || width === 1) return bytes;
  const swapped = bytes.slice();
  for (let i = 0; i < swapped.length; i += width) swapped.subarray(i, i + width).reverse();
  return swapped;
}

function toRowMajor(bytes: Uint8Array, dtype: DType, shape: Shape): Uint8Array {
  const width = bytesFor(dtype, 1);
  const result = new Uint8Array(bytes.length);
  const strides = stridesOf(shape);
  const index = new Array<number>(shape.length).fill(0);
  for (let from = 0; from < bytes.length; from += width) {
    const to = index.reduce((sum, at, axis) => sum + at * strides[axis], 0) * width;
    for (let b = 0; b < width; b++) result[to + b] = bytes[from + b];
    for (let axis = 0; axis < shape.length && ++index[axis] === shape[axis]; axis++) index[axis] = 0;
  }
  return result;
}
