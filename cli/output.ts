// Files that commands write: whole or not at all.
import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { ConfigError } from "../src/error.ts";
import { bytesText } from "../src/report/number.ts";
import { tryFolder, writeAtomically } from "../src/storage/mod.ts";
import { table } from "./terminal/table.ts";

export type WrittenFile = { readonly path: string; readonly bytes: number };

/**
 * Refuses a folder that could not be written, or a result whose place a folder takes, before hours of work are spent on
 * it. Leaves nothing.
 */
export async function requireWritable(folder: string): Promise<void> {
  let place = resolve(folder);
  while (!existsSync(place) && dirname(place) !== place) place = dirname(place);
  if (!(await stat(place)).isDirectory()) {
    throw new ConfigError(
      `Cannot write into "${folder}": "${place}" is a file, expected a folder; pass another --output`,
    );
  }
  // Permissions do not tell: a file system may be read-only, and root may write what is not writable.
  await tryFolder(place).catch((cause) => {
    throw new ConfigError(
      `Cannot write into "${folder}": "${place}" is not writable (${reasonOf(cause)}); pass another --output`,
      { cause },
    );
  });
  for (const name of place === resolve(folder) ? results : []) {
    if (!(await stat(join(place, name)).catch(() => undefined))?.isDirectory()) continue;
    throw new ConfigError(
      `Cannot write into "${folder}": "${name}" is a folder there, expected none of that name; move it away`,
    );
  }
}

/** What commands write under fixed names. */
const results = ["quant_info.json", "report.json", "report.html", "eval.json", "bench.json"];

function reasonOf({ message }: Error): string {
  return message.replace(/^Cannot write "[^"]*": /, "").replace(/, expected .*$/, "");
}

export async function writeText(folder: string, name: string, text: string): Promise<WrittenFile> {
  const path = join(folder, name);
  const bytes = new TextEncoder().encode(text);
  await writeAtomically(path, bytes);
  return { path, bytes: bytes.length };
}

export function writeJson(folder: string, name: string, value: unknown): Promise<WrittenFile> {
  return writeText(folder, name, `${jsonText(value)}\n`);
}

/** Indented JSON with lists of numbers on one line. JSON escapes line ends in strings, so none is touched. */
export function jsonText(value: unknown): string {
  const numbers = /\[\n\s+([^[\]{}"]*?)\n\s*\]/g;
  return JSON.stringify(value, null, 2).replace(
    numbers,
    (_, list: string) => `[${list.replace(/,\n\s+/g, ", ")}]`,
  );
}

export function filesText(files: readonly WrittenFile[]): string {
  return table([["Files"], ...files.map(({ path, bytes }) => [`  ${path}`, { right: bytesText(bytes) }])]);
}

/** A word as a shell wants it. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
