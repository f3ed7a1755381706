// Whole files as bytes; whatever prevents that is a sentence.
import type { Stats } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { ModelError } from "../error.ts";

/**
 * Reads a regular file. `check` may refuse it by its size before.
 * @throws ModelError saying what is at the path instead of `expected`.
 */
export async function readFileOf(
  path: string,
  what: string,
  expected: string,
  check: (stats: Stats) => void = () => {},
): Promise<Uint8Array> {
  try {
    const stats = await stat(path);
    if (stats.isDirectory()) {
      throw new ModelError(`Cannot read the ${what}: it is a folder, expected ${expected}`);
    }
    if (!stats.isFile()) {
      throw new ModelError(`Cannot read the ${what}: it is not a regular file, expected ${expected}`);
    }
    check(stats);
    return await readFile(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === undefined) throw error;
    const states: Record<string, string> = {
      ENOENT: "no such file",
      ENOTDIR: "a part of its path is a file",
      EACCES: "permission denied",
    };
    const state = states[code] ?? (error as Error).message;
    throw new ModelError(`Cannot read the ${what}: ${state}, expected ${expected}: check the path`, {
      cause: error,
    });
  }
}
