// Tensors in files beside the model (onnx/docs/ExternalData.md). This room opens no files: a reader and a writer are
// arguments.
import { ModelError } from "../error.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { decodeMessage, encodeMessage } from "./wire.ts";

/**
 * Returns `length` bytes from `offset` of the file at `location`, relative to the model's folder. `length` undefined
 * means up to the file's end. Must throw ModelError on failure.
 */
export type ExternalReader = (location: string, offset: number, length: number | undefined) => Uint8Array;

/** Stores the bytes of large initializers outside the model. */
export type ExternalWriter = {
  /** The external file's path in the model, relative to the model's folder. */
  readonly location: string;
  /** Initializers of fewer bytes stay inside the model. */
  readonly threshold: number;
  /** Stores the bytes and returns their offset in the external file. */
  readonly write: (bytes: Uint8Array) => number;
};

type Place = { readonly location: string; readonly offset: number; readonly length: number | undefined };

/** Reads the external_data entries of a TensorProto; unknown keys (checksum) are ignored. */
export function locationOf(entries: readonly Uint8Array[], label: string): Place {
  const told = new Map<string, string>();
  for (const bytes of entries) {
    const { key = "", value = "" } = decodeMessage(
      "StringStringEntryProto",
      bytes,
      `external data of ${label}`,
    );
    told.set(key, value);
  }
  const location = told.get("location");
  if (!location) {
    throw new ModelError(`Cannot read ${label}: its external data has no location, expected a file name`);
  }
  return {
    location,
    offset: countOf(told, "offset", label) ?? 0,
    length: countOf(told, "length", label),
  };
}

function countOf(told: ReadonlyMap<string, string>, key: string, label: string): number | undefined {
  const text = told.get(key);
  if (text === undefined) return undefined;
  const count = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(count)) return count;
  throw new ModelError(
    `Cannot read ${label}: the ${key} of its external data is "${text}", expected a count of bytes`,
  );
}

/** Stores a tensor's bytes and returns its external_data entries. */
export function storeTensor({ bytes }: Tensor, files: ExternalWriter): Uint8Array[] {
  const offset = files.write(bytes);
  const entries = { location: files.location, offset: String(offset), length: String(bytes.byteLength) };
  return Object.entries(entries).map(([key, value]) =>
    encodeMessage("StringStringEntryProto", { key, value })
  );
}
