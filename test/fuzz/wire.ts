// Parses an ONNX file into a tree of protobuf fields and serializes it: enough to change any field.
import protobuf from "protobufjs";
import { join } from "../../src/onnx/wire.ts";

export type Field = {
  id: number;
  /** 0 varint, 1 eight bytes, 2 bytes, 5 four bytes; invalid ones are written as they are. */
  wire: number;
  value: bigint | Uint8Array | Message;
};
export type Message = { readonly name: string; fields: Field[] };

/** Which fields of a message are messages themselves (onnx.proto). */
const nested: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  model: { 7: "graph", 8: "opset", 14: "entry", 25: "function" },
  graph: { 1: "node", 5: "tensor", 11: "value", 12: "value", 13: "value", 15: "sparse" },
  function: { 7: "node", 9: "opset", 11: "attribute", 12: "value" },
  node: { 5: "attribute" },
  attribute: { 5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 14: "type", 22: "sparse" },
  sparse: { 1: "tensor", 2: "tensor" },
  value: { 2: "type" },
  type: { 1: "tensorType", 4: "sequence", 9: "sequence" },
  sequence: { 1: "type" },
  tensorType: { 2: "shape" },
  shape: { 1: "dim" },
};

/** @throws if the bytes are not a message of this kind. */
export function parse(bytes: Uint8Array, name: string): Message {
  const reader = protobuf.Reader.create(bytes);
  const fields: Field[] = [];
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    const [id, wire] = [tag >>> 3, tag & 7];
    fields.push({ id, wire, value: valueOf(reader, wire, nested[name]?.[id]) });
  }
  return { name, fields };
}

function valueOf(reader: protobuf.Reader, wire: number, message: string | undefined): Field["value"] {
  if (wire === 0) return BigInt(String(reader.int64()));
  if (wire === 2) {
    const bytes = reader.bytes();
    return message ? parse(bytes, message) : bytes;
  }
  const count = wire === 1 ? 8 : 4;
  const start = reader.pos;
  reader.skip(count);
  return reader.buf.slice(start, start + count);
}

export function serialize({ fields }: Message): Uint8Array {
  return join(fields.flatMap(({ id, wire, value }) => {
    const tag = varint(BigInt(id) << 3n | BigInt(wire));
    if (typeof value === "bigint") return [tag, varint(value)];
    const bytes = value instanceof Uint8Array ? value : serialize(value);
    return wire === 2 ? [tag, varint(BigInt(bytes.byteLength)), bytes] : [tag, bytes];
  }));
}

function varint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Uint8Array.of(...bytes, Number(rest));
}
