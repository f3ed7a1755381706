// Temporary folders for files that benches and tests write.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Removes the folder afterwards. */
export async function inTempFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "halftone-"));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}
