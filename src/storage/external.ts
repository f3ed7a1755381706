// Side files of a model. Reading is by range and stays inside the model's folder: a model from elsewhere must
// not make halftone read /etc/passwd into a tensor.
import { closeSync, fstatSync, openSync, readSync, realpathSync, statSync } from "node:fs";
import { isAbsolute, join, relative, sep } from "node:path";
import { ModelError } from "../error.ts";
import type { ExternalReader } from "../onnx/mod.ts";

/** Reads ranges of the files in `folder` and below it; ModelError for any other path. */
export function externalReader(folder: string): ExternalReader {
  return (location, offset, length) => {
    const path = pathInside(folder, location);
    // Before it is opened: that would wait for the other end of a pipe.
    if (!statSync(path).isFile()) throw readError(location, "it is no regular file, expected one");
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

const largestRead = 1 << 30; // one read call of the systems we know stops short of 2 GiB

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
  // A link may not climb out either: compare where both really are.
  const inside = relative(realpathSync(folder), real);
  if (inside !== "" && inside !== ".." && !inside.startsWith(`..${sep}`) && !isAbsolute(inside)) return real;
  throw readError(location, "it links out of the model's folder, expected a file inside it (copy it there)");
}

function readError(location: string, state: string, cause?: unknown): ModelError {
  return new ModelError(`Cannot read external data "${location}": ${state}`, { cause });
}
