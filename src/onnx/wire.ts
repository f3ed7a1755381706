// Messages to bytes and back. Decoding returns views, encoding lists of parts that are joined once at the end:
// weights are never copied when reading, and once when writing.
import protobuf from "protobufjs";
import { HalftoneError, ModelError } from "../error.ts";
import { type Int64, type Messages, typeOf } from "./schema.ts";

/** Consecutive pieces of one message. */
export type Parts = readonly Uint8Array[];

/** The fields of a message, including undeclared ones; ModelError "Cannot read <what>: …" if it is malformed. */
export function decodeMessage<Name extends keyof Messages>(
  name: Name,
  bytes: Uint8Array,
  what: string,
): Messages[Name] {
  // A Buffer would make protobufjs return Buffers; `Uint8Array` views the same memory.
  const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    const reader = protobuf.Reader.create(plain);
    reader.discardUnknown = false;
    const message = typeOf(name).decode(reader);
    // protobufjs hides `$unknowns` from enumeration, so that a spread would lose it.
    return message.$unknowns
      ? { ...message, $unknowns: message.$unknowns } as Messages[Name]
      : { ...message };
  } catch (error) {
    if (error instanceof HalftoneError) throw error;
    throw new ModelError(`Cannot read ${what}: ${reasonOf(error)}, expected a whole ${name}`, {
      cause: error,
    });
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof RangeError) return "its bytes end inside a field (truncated or damaged)";
  if (error instanceof TypeError) return "a name in it is not UTF-8 (damaged)";
  return `its bytes are no protobuf message (${error instanceof Error ? error.message : error})`;
}

export function encodeMessage<Name extends keyof Messages>(name: Name, message: Messages[Name]): Uint8Array {
  return typeOf(name).encode(message).finish();
}

/** One length-delimited field around a nested message or bytes. */
export function field(id: number, parts: Parts): Uint8Array[] {
  const header = protobuf.Writer.create().uint32(id * 8 + 2).uint64(byteCount(parts)).finish();
  return [header, ...parts];
}

export function byteCount(parts: Parts): number {
  return parts.reduce((sum, part) => sum + part.byteLength, 0);
}

export function join(parts: Parts): Uint8Array {
  if (parts.length === 1) return parts[0];
  const joined = new Uint8Array(byteCount(parts));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.byteLength;
  }
  return joined;
}

export function bigintOf({ low, high, unsigned }: Int64): bigint {
  const bits = (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
  return unsigned ? bits : BigInt.asIntN(64, bits);
}

export function int64Of(value: bigint | number): Int64 {
  const bits = BigInt(value);
  const word = (shift: bigint) => Number(BigInt.asIntN(32, bits >> shift));
  return { low: word(0n), high: word(32n), unsigned: false };
}

/** The text of UTF-8 bytes; undefined if they are not valid. */
export function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
