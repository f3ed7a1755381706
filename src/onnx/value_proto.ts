// ValueInfoProto to Value and back. Only tensor types are read; sequences, maps and optionals pass through.
import { ModelError } from "../error.ts";
import type { Dim, Name, Value } from "../graph/graph.ts";
import { dtypes } from "../tensor/dtype.ts";
import type { Messages } from "./schema.ts";
import { bigintOf, decodeMessage, encodeMessage, int64Of } from "./wire.ts";

/** The name and type of a ValueInfoProto; dtype "undefined" if the file states none that halftone reads. */
export function decodeValue(bytes: Uint8Array, role: string): { name: Name; value: Value } {
  const message = decodeMessage("ValueInfoProto", bytes, `a ${role}`);
  const name = message.name ?? "";
  if (name === "") throw new ModelError(`Cannot read a ${role}: its name is empty, expected a name`);
  const label = `the type of ${role} "${name}"`;
  const tensorType = message.type && decodeMessage("TypeProto", message.type, label).tensorType;
  if (!tensorType) return { name, value: { dtype: "undefined" } };
  const { elemType = 0, shape } = decodeMessage("TensorTypeProto", tensorType, label);
  const dtype = dtypes[elemType] ?? "undefined";
  if (!shape) return { name, value: { dtype } };
  const dims = decodeMessage("TensorShapeProto", shape, label).dim ?? [];
  return { name, value: { dtype, shape: dims.map((dim) => decodeDim(dim, label)) } };
}

function decodeDim(bytes: Uint8Array, label: string): Dim {
  const { dimValue, dimParam = "" } = decodeMessage("Dimension", bytes, label);
  if (!dimValue) return dimParam;
  const exact = bigintOf(dimValue);
  // Old exporters write −1 for "unknown", and ONNX Runtime reads it like that.
  if (exact < 0n) return "";
  if (exact <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(exact);
  throw new ModelError(`Cannot read ${label}: a dimension is ${exact}, expected less than 2^53`);
}

/** The ValueInfoProto of a value, with the other fields of `former` (the file's message of that name). */
export function encodeValue(name: Name, value: Value | undefined, former?: Uint8Array): Uint8Array {
  const message: Messages["ValueInfoProto"] = former
    ? decodeMessage("ValueInfoProto", former, `"${name}"`)
    : {};
  const type = value && value.dtype !== "undefined" ? encodeType(value, message.type) : undefined;
  return encodeMessage("ValueInfoProto", { ...message, name, type });
}

function encodeType({ dtype, shape }: Value, former: Uint8Array | undefined): Uint8Array {
  const type: Messages["TypeProto"] = former ? decodeMessage("TypeProto", former, "a type") : {};
  const was: Messages["TensorTypeProto"] = type.tensorType
    ? decodeMessage("TensorTypeProto", type.tensorType, "a type")
    : {};
  const dims = was.shape && decodeMessage("TensorShapeProto", was.shape, "a shape");
  const tensorType = encodeMessage("TensorTypeProto", {
    ...was,
    elemType: dtypes.indexOf(dtype),
    shape: shape &&
      encodeMessage("TensorShapeProto", {
        ...dims,
        dim: shape.map((dim, i) => encodeDim(dim, dims?.dim?.[i])),
      }),
  });
  // A value that was a sequence and is now a tensor must not keep the sequence: both are arms of one `oneof`.
  return encodeMessage("TypeProto", type.tensorType ? { ...type, tensorType } : { tensorType });
}

/** An unchanged dimension keeps its denotation; a new size is a new message. */
function encodeDim(dim: Dim, former: Uint8Array | undefined): Uint8Array {
  if (former && decodeDim(former, "a dimension") === dim) return former;
  if (typeof dim === "number") return encodeMessage("Dimension", { dimValue: int64Of(dim) });
  return encodeMessage("Dimension", dim === "" ? {} : { dimParam: dim });
}
