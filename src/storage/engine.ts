// Saved engines as files.
import { createHash } from "node:crypto";
import { withinAsync } from "../error.ts";
import { type Engine, engineBytes, parseEngine } from "../files/engine.ts";
import { writeAtomically } from "./atomic.ts";
import { readFileOf } from "./read.ts";

/**
 * Reads an engine and checks it.
 * @throws ModelError if the file is missing, something else or damaged; its `where` is the path.
 */
export function readEngine(path: string): Promise<Engine> {
  return withinAsync(path, async () => {
    const bytes = await readFileOf(path, "engine", "a file that --save-engine wrote");
    return parseEngine(alignedBytes(bytes), digestOf);
  });
}

/** Writes an engine, whole or not at all. Returns its size. */
export async function writeEngine(path: string, engine: Engine): Promise<{ path: string; bytes: number }> {
  const bytes = engineBytes(engine, digestOf);
  await writeAtomically(path, bytes);
  return { path, bytes: bytes.length };
}

/** Constants are views of the bytes, and typed arrays need aligned ones: Node reads small files into a shared pool. */
function alignedBytes({ buffer, byteOffset, byteLength }: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(buffer, byteOffset, byteLength);
  return byteOffset % 8 === 0 ? bytes : bytes.slice();
}

function digestOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
