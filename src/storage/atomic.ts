// Files appear whole or not at all: they are written beside their place under another name, then renamed.
import { Buffer } from "node:buffer";
import { rmSync } from "node:fs";
import { type FileHandle, mkdir, open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ModelError } from "../error.ts";
import { provisionalName, sweepBeside } from "./provisional.ts";

const unfinished = new Set<string>();

/**
 * Removes what unfinished writes have left so far. For a program that is being interrupted: synchronous, never throws.
 */
export function discardUnfinished(): void {
  for (const path of unfinished) rmSync(path, { force: true });
  unfinished.clear();
}

/** A file under its provisional name: `finish` puts it in place, `discard` removes it. */
export type Draft = {
  readonly file: FileHandle;
  readonly finish: () => Promise<void>;
  readonly discard: () => Promise<void>;
};

/** Opens a new file that will replace `path`; creates its folder if necessary. */
export async function draft(path: string): Promise<Draft> {
  await sweepBeside(path);
  const provisional = provisionalName(path);
  const file = await open(provisional, "wx").catch(async (error) => {
    if (error.code !== "ENOENT") throw error;
    await mkdir(dirname(path), { recursive: true });
    return await open(provisional, "wx");
  }).catch((error) => {
    throw writeError(path, error);
  });
  unfinished.add(provisional);
  const discard = async () => {
    await file.close().catch(() => {});
    await rm(provisional, { force: true });
    unfinished.delete(provisional);
  };
  const finish = async () => {
    await file.sync();
    await file.close();
    await rename(provisional, path);
    unfinished.delete(provisional);
  };
  return { file, finish, discard };
}

/**
 * Writes a file whole or not at all: after a failure or an interruption, the old file is still there.
 * @throws ModelError if the path cannot be written.
 */
export async function writeAtomically(
  path: string,
  content: string | Uint8Array | Iterable<Uint8Array>,
): Promise<void> {
  const opened = await draft(path);
  try {
    await fill(opened, content);
    await opened.finish();
  } catch (error) {
    await opened.discard();
    throw writeError(path, error);
  }
}

/** Checks that files can be created in a folder, by creating one. */
export async function tryFolder(folder: string): Promise<void> {
  const opened = await draft(join(folder, "halftone"));
  await opened.discard();
}

/** Writes the content of a draft. */
export async function fill(
  { file }: Draft,
  content: string | Uint8Array | Iterable<Uint8Array>,
): Promise<void> {
  for (const piece of piecesOf(content)) await writeWhole(file, piece);
}

function piecesOf(content: string | Uint8Array | Iterable<Uint8Array>): Iterable<Uint8Array> {
  if (typeof content === "string") return [new TextEncoder().encode(content)];
  return content instanceof Uint8Array ? [content] : gatherPieces(content);
}

const gatheredBytes = 1 << 20;

/** Joins small pieces to about a megabyte: a model is thousands of small messages between a few large tensors. */
function* gatherPieces(pieces: Iterable<Uint8Array>): Iterable<Uint8Array> {
  let small: Uint8Array[] = [];
  let bytes = 0;
  for (const piece of pieces) {
    if (bytes + piece.byteLength > gatheredBytes && bytes > 0) {
      yield Buffer.concat(small, bytes);
      small = [];
      bytes = 0;
    }
    if (piece.byteLength >= gatheredBytes) yield piece;
    else {
      small.push(piece);
      bytes += piece.byteLength;
    }
  }
  if (bytes > 0) yield Buffer.concat(small, bytes);
}

async function writeWhole(file: FileHandle, bytes: Uint8Array): Promise<void> {
  let written = 0;
  while (written < bytes.byteLength) {
    written += (await file.write(bytes, written, bytes.byteLength - written)).bytesWritten;
  }
}

/** Turns a failed write into a ModelError with the reason; errors that are not the system's pass unchanged. */
export function writeError(path: string, error: unknown): Error {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === undefined) return error as Error;
  const states: Record<string, string> = {
    EACCES: "permission denied, expected a writable folder",
    EROFS: "its file system is read-only, expected a writable folder",
    EISDIR: "it is a folder, expected a file name",
    ENOTDIR: "a part of its path is a file, expected folders",
    EEXIST: "a part of its path is a file, expected folders",
    ENOSPC: "the disk is full, expected free space",
  };
  const state = states[code] ?? `${(error as Error).message}, expected a writable path`;
  return new ModelError(`Cannot write "${path}": ${state}`, { cause: error });
}
