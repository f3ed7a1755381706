// Opening a pipe would wait for its other end forever, so only regular files are data.
import { stat } from "node:fs/promises";
import { ModelError } from "../error.ts";

/** @throws ModelError if the path is something other than a file; the system's error if nothing is there. */
export async function requireRegular(file: string): Promise<void> {
  if ((await stat(file)).isFile()) return;
  throw new ModelError(`Cannot read "${file}": it is not a regular file, expected one`);
}
