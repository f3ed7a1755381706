// External data of a model. Reads ranges only, and only inside the model's folder: a model from elsewhere must not make
// halftone read /etc/passwd into a tensor.
import { closeSync, fstatSync, openSync, readSync, realpathSync, statSync } from "node:fs";
import { isAbsolute, join, relative, sep } from "node:path";
import { ModelError } from "../error.ts";
import type { ExternalReader } from "../onnx/mod.ts";

/** Reads ranges of files in `folder` and below; ModelError for any other path. */
export function externalReader(folder: string): ExternalReader {
  return (location, offset, length) => {
    const path = pathInside(folder, location);
    // Checked before opening, which would wait for the other end of a pipe.
    if (!statSync(path).isFile()) throw readError(location, "it is not a regular file, expected one");
    const file = openSync(path, "r");
    try {
      const stats = fstatSync(file);
      const wanted = length ?? Math.max(0, stats.size - offset);
      if (offset + wanted > stats.size) {
        const states = `it has ${stats.size} bytes, expected at least ${offset + wanted}`;
        throw readError(location, `${states} (bytes ${offset} to ${offset + wanted} of it are a tensor)`);
      }
      return readRange(file, offset, wanted, location);
    } finally {
      closeSync(file);
    }
  };
}

const largestRead = 1 << 30; // common systems stop a single read short of 2 GiB

function readRange(file: number, offset: number, length: number, location: string): Uint8Array {
  const bytes = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    const read = readSync(file, bytes, done, Math.min(length - done, largestRead), offset + done);
    if (read === 0) {
      throw readError(location, `it ended after ${offset + done} bytes, expected ${offset + length}`);
    }
    done += read;
  }
  return bytes;
}

function pathInside(folder: string, location: string): string {
  const parts = location.split(/[/\\]/);
  if (
    isAbsolute(location) || /^[a-zA-Z]:|^[/\\]/.test(location) || parts.includes("..") ||
    location.includes("\0")
  ) {
    throw readError(location, "its path leaves the model's folder, expected a file inside it");
  }
  let real: string;
  try {
    real = realpathSync(join(folder, ...parts));
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
    const state = missing ? "no such file in the model's folder" : (error as Error).message;
    throw readError(location, `${state}, expected it beside the model`, error);
  }
  // A link may not leave the folder either: compare the real paths.
  const inside = relative(realpathSync(folder), real);
  if (inside !== "" && inside !== ".." && !inside.startsWith(`..${sep}`) && !isAbsolute(inside)) return real;
  throw readError(location, "it links out of the model's folder, expected a file inside it (copy it there)");
}

function readError(location: string, state: string, cause?: unknown): ModelError {
  return new ModelError(`Cannot read external data "${location}": ${state}`, { cause });
}
