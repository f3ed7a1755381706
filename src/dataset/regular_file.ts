// Opening a pipe waits for its other end, for ever: only files and folders are data.
import { stat } from "node:fs/promises";
import { ModelError } from "../error.ts";

/** @throws ModelError where something else than a file is at the path; the system's error where nothing is. */
export async function requireRegular(file: string): Promise<void> {
  if ((await stat(file)).isFile()) return;
  throw new ModelError(`Cannot read "${file}": it is no regular file, expected one`);
}
