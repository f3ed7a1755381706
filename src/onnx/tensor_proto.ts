// TensorProto to Tensor and back. raw_data, float_data and double_data are read in place; the other typed fields are
// converted. Strings, sparse tensors and unknown element types have no bytes here: they pass through.
import { ModelError, UnsupportedError } from "../error.ts";
import { verifyConstant } from "../graph/verify.ts";
import { bitsPerElement, bytesFor, type DType, dtypes } from "../tensor/dtype.ts";
import { elementCount } from "../tensor/shape.ts";
import type { Tensor, TypedArray } from "../tensor/tensor.ts";
import { type ExternalReader, type ExternalWriter, locationOf, storeTensor } from "./external.ts";
import { fields, type Int64, type Messages } from "./schema.ts";
import { rememberTensor, tensorSource } from "./source.ts";
import { bigintOf, decodeMessage, encodeMessage, field, int64Of, type Parts } from "./wire.ts";

const none = new Uint8Array(0);
const external = 1; // TensorProto.DataLocation.EXTERNAL

/** The tensor of a TensorProto. `what` names it in messages: `initializer "w"`. */
export function decodeTensor(bytes: Uint8Array, label: string, files: ExternalReader | undefined): Tensor {
  const message = decodeMessage("TensorProto", bytes, label);
  if (message.segment) {
    throw new UnsupportedError(`Cannot read ${label}: it is stored in segments, expected one tensor`);
  }
  const shape = dimsOf(message.dims, label);
  const code = message.dataType ?? 0;
  if (code <= 0) {
    throw new ModelError(
      `Cannot read ${label}: its data type is ${code}, expected 1 to ${dtypes.length - 1}`,
    );
  }
  // "undefined" has elements of 0 bytes: an unknown type passes through unread.
  const dtype = dtypes[code] ?? "undefined";
  const isExternal = message.dataLocation === external;
  const expected = bytesFor(dtype, elementCount(shape));
  const held = isExternal
    ? readExternal(message, { dtype, shape, expected }, label, files)
    : bytesIn(message, bytes, dtype, expected, label);
  const decoded = { dtype, shape, bytes: held };
  verifyConstant(label, decoded);
  if (dtype === "string" && (message.stringData?.length ?? 0) !== elementCount(shape)) {
    const count = message.stringData?.length ?? 0;
    throw new ModelError(
      `Cannot use ${label}: it has ${count} strings, expected ${elementCount(shape)} for [${shape}]`,
    );
  }
  return rememberTensor(decoded, { bytes, name: message.name ?? "", kind: "dense", external: isExternal });
}

/** A sparse initializer as an opaque constant: a name, a type and a shape, but no elements. */
export function decodeSparse(bytes: Uint8Array): { name: string; elementType: DType; tensor: Tensor } {
  const message = decodeMessage("SparseTensorProto", bytes, "a sparse initializer");
  const values = decodeMessage("TensorProto", message.values ?? none, "the values of a sparse initializer");
  const name = values.name ?? "";
  const shape = dimsOf(message.dims, `sparse initializer "${name}"`);
  const opaque = { dtype: "undefined", shape, bytes: none } as const;
  const tensor = rememberTensor(opaque, { bytes, name, kind: "sparse", external: false });
  return { name, elementType: dtypes[values.dataType ?? 0] ?? "undefined", tensor };
}

function dimsOf(dims: readonly Int64[] = [], label: string): number[] {
  return dims.map((dim) => {
    const exact = bigintOf(dim);
    if (exact >= 0n && exact <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(exact);
    throw new ModelError(`Cannot read ${label}: its shape holds ${exact}, expected sizes of 0 or more`);
  });
}

function readExternal(
  message: Messages["TensorProto"],
  { dtype, shape, expected }: { dtype: DType; shape: readonly number[]; expected: number },
  label: string,
  files: ExternalReader | undefined,
): Uint8Array {
  const { location, offset, length } = locationOf(message.externalData ?? [], label);
  if (!Number.isSafeInteger(expected) || length !== undefined && length !== expected) {
    const states = `"${location}" gives it ${
      length ?? "some"
    } bytes, expected ${expected} for ${dtype} [${shape}]`;
    throw new ModelError(`Cannot read ${label}: ${states}`);
  }
  if (!files) {
    const advice = "expected a reader for it: read the model from its folder";
    throw new ModelError(`Cannot read ${label}: it is stored in another file "${location}", ${advice}`);
  }
  return files(location, offset, expected);
}

/** The elements inside the message, in the layout of raw_data. */
function bytesIn(
  message: Messages["TensorProto"],
  bytes: Uint8Array,
  dtype: DType,
  expected: number,
  label: string,
): Uint8Array {
  if (dtype === "string" || dtype === "undefined") return none;
  if (message.rawData && message.rawData.byteLength > 0) return message.rawData;
  const words = wordsOf(dtype);
  const runs = words === "floatData" || words === "doubleData" ? message[words] : undefined;
  if (runs?.length === 1 && runs[0].byteLength === expected) return runs[0];
  const elements = decodeMessage("TensorElements", bytes, label);
  const typed = typedArrayOf(elements, dtype);
  return new Uint8Array(typed.buffer, typed.byteOffset, typed.byteLength);
}

/** The typed field that holds elements of a type (onnx.proto3, TensorProto). */
function wordsOf(dtype: DType): "floatData" | "doubleData" | "int64Data" | "uint64Data" | "int32Data" {
  if (dtype === "float32" || dtype === "complex64") return "floatData";
  if (dtype === "float64" || dtype === "complex128") return "doubleData";
  if (dtype === "int64") return "int64Data";
  return dtype === "uint64" || dtype === "uint32" ? "uint64Data" : "int32Data";
}

/** int32_data carries one element of 8 or 16 bits, or one byte of packed smaller ones, in each word. */
function typedArrayOf(elements: Messages["TensorElements"], dtype: DType): TypedArray {
  const words = wordsOf(dtype);
  if (words === "floatData") return Float32Array.from(elements.floatData ?? []);
  if (words === "doubleData") return Float64Array.from(elements.doubleData ?? []);
  if (words === "int64Data") return BigInt64Array.from(elements.int64Data ?? [], bigintOf);
  if (words === "uint64Data") {
    const values = elements.uint64Data ?? [];
    return dtype === "uint32"
      ? Uint32Array.from(values, ({ low }) => low)
      : BigUint64Array.from(values, bigintOf);
  }
  const values = elements.int32Data ?? [];
  const bits = bitsPerElement(dtype);
  if (bits === 32) return Int32Array.from(values);
  return bits === 16 ? Uint16Array.from(values) : Uint8Array.from(values);
}

/**
 * The TensorProto of a tensor under a name: its original bytes if unchanged, else a new message that keeps the
 * documentation, metadata and unknown fields of `former` (the tensor of that name in the file).
 */
export function encodeTensor(
  name: string,
  tensor: Tensor,
  former?: Uint8Array,
  files?: ExternalWriter,
): Parts {
  const source = tensorSource(tensor);
  const outside = files !== undefined && tensor.bytes.byteLength >= files.threshold;
  if (source && source.name === name && !source.external && !outside) return [source.bytes];
  const label = `constant "${name}"`;
  const bytes = source?.bytes ?? former;
  const message = bytes ? decodeMessage("TensorProto", bytes, label) : {};
  if (source && (tensor.dtype === "string" || tensor.dtype === "undefined")) {
    return [encodeMessage("TensorProto", { ...message, name })];
  }
  if (tensor.dtype === "string" || tensor.dtype === "undefined") {
    throw new UnsupportedError(
      `Cannot write ${label}: its type is "${tensor.dtype}", expected a type with bytes`,
    );
  }
  const fresh: Messages["TensorProto"] = {
    name: name || undefined,
    dims: tensor.shape.map(int64Of),
    dataType: dtypes.indexOf(tensor.dtype),
    docString: message.docString,
    metadataProps: message.metadataProps,
    $unknowns: message.$unknowns?.filter(isUnknown),
  };
  if (outside) {
    return [
      encodeMessage("TensorProto", {
        ...fresh,
        dataLocation: external,
        externalData: storeTensor(tensor, files),
      }),
    ];
  }
  return [encodeMessage("TensorProto", fresh), ...field(fields.tensor.rawData, [tensor.bytes])];
}

/** The SparseTensorProto of an opaque constant under a name. */
export function encodeSparse(name: string, bytes: Uint8Array, formerName: string): Parts {
  if (name === formerName) return [bytes];
  const message = decodeMessage("SparseTensorProto", bytes, `sparse initializer "${name}"`);
  const values = decodeMessage("TensorProto", message.values ?? none, `sparse initializer "${name}"`);
  return [
    encodeMessage("SparseTensorProto", {
      ...message,
      values: encodeMessage("TensorProto", { ...values, name }),
    }),
  ];
}

/** Unpacked typed elements are among the unknown fields; a changed tensor must not keep them. */
function isUnknown(raw: Uint8Array): boolean {
  const elementFields = new Set([4, 5, 7, 10, 11]);
  return !(raw[0] < 128 && elementFields.has(raw[0] >> 3));
}
