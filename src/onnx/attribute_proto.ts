// AttributeProto to Attribute and back. Types that halftone never reads stay whole messages ("opaque").
import { ModelError } from "../error.ts";
import type { Attribute, Graph } from "../graph/graph.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { fields, type Messages } from "./schema.ts";
import { bigintOf, decodeMessage, encodeMessage, field, int64Of, type Parts, textOf } from "./wire.ts";

/** AttributeProto.AttributeType of the kinds that halftone reads. */
const codes = { float: 1, int: 2, string: 3, tensor: 4, graph: 5, floats: 6, ints: 7, strings: 8 } as const;
type Readable = keyof typeof codes;
const kinds = new Map<number, Readable>(
  Object.entries(codes).map(([kind, code]) => [code, kind as Readable]),
);

/** Decoders of the messages inside an attribute. */
export type NestedDecoder = {
  readonly tensor: (bytes: Uint8Array, label: string) => Tensor;
  readonly graph: (bytes: Uint8Array, label: string) => Graph;
};

export function decodeAttribute(bytes: Uint8Array, node: string, nested: NestedDecoder): [string, Attribute] {
  const message = decodeMessage("AttributeProto", bytes, `an attribute of ${node}`);
  const name = message.name ?? "";
  const label = `attribute "${name}" of ${node}`;
  if (message.refAttrName) return [name, { type: "reference", value: message.refAttrName }];
  const kind = kindOf(message);
  const value = kind && valueOf(kind, message, label, nested);
  return [name, value ?? { type: "opaque", value: bytes }];
}

/** IR 3 files may omit the type: then it follows from the one field that is present. */
function kindOf(message: Messages["AttributeProto"]): Readable | undefined {
  if (message.type) return kinds.get(message.type);
  const present: readonly [Readable, unknown][] = [
    ["float", message.f],
    ["int", message.i],
    ["string", message.s],
    ["tensor", message.t],
    ["graph", message.g],
    ["floats", message.floats],
    ["ints", message.ints],
    ["strings", message.strings],
  ]; // deno-fmt-ignore
  return present.find(([, value]) => value !== undefined)?.[0];
}

/** Undefined if text is not UTF-8: it passes through. A missing number is zero, as in proto3. */
function valueOf(
  type: Readable,
  message: Messages["AttributeProto"],
  label: string,
  nested: NestedDecoder,
): Attribute | undefined {
  switch (type) {
    case "float":
      return { type, value: message.f ?? 0 };
    case "int":
      return { type, value: message.i ? bigintOf(message.i) : 0n };
    case "floats":
      return { type, value: message.floats ?? [] };
    case "ints":
      return { type, value: (message.ints ?? []).map(bigintOf) };
    case "tensor":
      return { type, value: nested.tensor(present(message.t, type, label), label) };
    case "graph":
      return { type, value: nested.graph(present(message.g, type, label), label) };
    case "string": {
      const value = textOf(message.s ?? new Uint8Array(0));
      return value === undefined ? undefined : { type, value };
    }
    case "strings": {
      const value = (message.strings ?? []).map(textOf);
      return value.includes(undefined) ? undefined : { type, value: value as string[] };
    }
  }
}

function present(bytes: Uint8Array | undefined, type: string, label: string): Uint8Array {
  if (bytes) return bytes;
  throw new ModelError(
    `Cannot read ${label}: its type is ${type}, but the file holds none, expected a ${type}`,
  );
}

/** Encoders of the messages inside an attribute. */
export type NestedEncoder = {
  readonly tensor: (tensor: Tensor, former: Uint8Array | undefined) => Parts;
  readonly graph: (graph: Graph) => Parts;
};

/** The AttributeProto; documentation and unknown fields of `former` (the file's own) stay. */
export function encodeAttribute(
  name: string,
  attribute: Attribute,
  former: Uint8Array | undefined,
  nested: NestedEncoder,
): Parts {
  if (attribute.type === "opaque") return [attribute.value];
  const was = former ? decodeMessage("AttributeProto", former, `attribute "${name}"`) : {};
  const { docString, $unknowns } = was;
  if (attribute.type === "reference") {
    return [encodeMessage("AttributeProto", { ...was, name, refAttrName: attribute.value })];
  }
  const message = { name, docString, $unknowns, type: codes[attribute.type], ...scalars(attribute) };
  const head = encodeMessage("AttributeProto", message);
  if (attribute.type === "tensor") {
    return [head, ...field(fields.attribute.t, nested.tensor(attribute.value, was.t))];
  }
  if (attribute.type === "graph") return [head, ...field(fields.attribute.g, nested.graph(attribute.value))];
  return [head];
}

function scalars(attribute: Attribute): Messages["AttributeProto"] {
  const bytesOf = (text: string) => new TextEncoder().encode(text);
  switch (attribute.type) {
    case "float":
      return { f: attribute.value };
    case "int":
      return { i: int64Of(attribute.value) };
    case "string":
      return { s: bytesOf(attribute.value) };
    case "floats":
      return { floats: [...attribute.value] };
    case "ints":
      return { ints: attribute.value.map(int64Of) };
    case "strings":
      return { strings: attribute.value.map(bytesOf) };
    default:
      return {};
  }
}
