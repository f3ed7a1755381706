// All rows, found by walking this folder, so that no list has to be kept.
import { readdirSync } from "node:fs";
import type { KernelRows } from "./row.ts";

export const ending = ".rows.ts";

/** By the stem of the file: `conv2d_tiled` for conv2d_tiled.rows.ts. */
export async function allRows(): Promise<Map<string, readonly KernelRows[]>> {
  const files = readdirSync(new URL(".", import.meta.url)).filter((file) => file.endsWith(ending)).sort();
  const found = new Map<string, readonly KernelRows[]>();
  for (const file of files) {
    const { rows } = await import(new URL(file, import.meta.url).href) as { rows: readonly KernelRows[] };
    found.set(file.slice(0, -ending.length), rows);
  }
  return found;
}
