// The files that commands write, all of them atomically.
import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { ConfigError } from "../src/error.ts";
import { bytesText } from "../src/report/number.ts";
import { tryFolder, writeAtomically } from "../src/storage/mod.ts";
import { table } from "./terminal/table.ts";

export type WrittenFile = { readonly path: string; readonly bytes: number };

/**
 * Checks before hours of work that results can be written into the folder: it must be writable, and no result's name
 * may be taken by a folder. Leaves no trace.
 */
export async function requireWritable(folder: string): Promise<void> {
  let place = resolve(folder);
  while (!existsSync(place) && dirname(place) !== place) place = dirname(place);
  if (!(await stat(place)).isDirectory()) {
    throw new ConfigError(
      `Cannot write into "${folder}": "${place}" is a file, expected a folder; pass another --output`,
    );
  }
  // Permission bits are not enough: a file system may be read-only, and root may ignore them.
  await tryFolder(place).catch((cause) => {
    throw new ConfigError(
      `Cannot write into "${folder}": "${place}" is not writable (${
        shortReason(cause)
      }); pass another --output`,
      { cause },
    );
  });
  for (const name of place === resolve(folder) ? resultFiles : []) {
    if (!(await stat(join(place, name)).catch(() => undefined))?.isDirectory()) continue;
    throw new ConfigError(
      `Cannot write into "${folder}": "${name}" in it is a folder, expected a file or nothing; move it away`,
    );
  }
}

/** Files with fixed names. */
const resultFiles = ["quant_info.json", "report.json", "report.html", "eval.json", "bench.json"];

function shortReason({ message }: Error): string {
  return message.replace(/^Cannot write "[^"]*": /, "").replace(/, expected .*$/, "");
}

export function writeText(folder: string, name: string, text: string): Promise<WrittenFile> {
  return writeBytes(folder, name, new TextEncoder().encode(text));
}

export async function writeBytes(folder: string, name: string, bytes: Uint8Array): Promise<WrittenFile> {
  const path = join(folder, name);
  await writeAtomically(path, bytes);
  return { path, bytes: bytes.length };
}

export function writeJson(folder: string, name: string, value: unknown): Promise<WrittenFile> {
  return writeText(folder, name, `${jsonText(value)}\n`);
}

/** Indented JSON with lists of numbers on one line. JSON escapes line ends in strings, so strings are not affected. */
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

/** A word quoted for a shell if necessary. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
