// Labels from a file with lines `FILE INDEX`.
import { readFile } from "node:fs/promises";
import { ConfigError, ModelError } from "../error.ts";

/**
 * Reads a label file. File names are relative to the data folder, with "/" or "\", and may contain spaces; empty lines
 * and lines that start with # are skipped.
 */
export async function readLabels(path: string): Promise<ReadonlyMap<string, number>> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    throw new ConfigError(
      `Cannot read labels "${path}": no readable file there, expected lines "FILE INDEX"`,
      { cause },
    );
  }
  const labels = new Map<string, number>();
  text.replace(/^\ufeff/, "").split(/\r?\n/).forEach((line, i) => {
    if (line.trim() === "" || line.startsWith("#")) return;
    const match = /^\s*(.*\S)\s+(\d+)\s*$/.exec(line);
    if (!match) {
      throw new ModelError(
        `Cannot read labels "${path}": line ${i + 1} is "${line.slice(0, 80)}", expected "FILE INDEX"`,
      );
    }
    labels.set(plain(match[1]), Number(match[2]));
  });
  return labels;
}

/** The labels of files, in their order. @throws ConfigError if the label file names none of them. */
export function labelsFor(
  files: readonly string[],
  labels: ReadonlyMap<string, number>,
  path: string,
): (number | undefined)[] {
  const found = files.map((file) => labels.get(plain(file)));
  if (found.every((label) => label === undefined)) {
    throw new ConfigError(
      `Cannot use labels "${path}": none of its ${labels.size} files is in the data, expected lines like "${
        files[0]
      } 0"`,
    );
  }
  return found;
}

function plain(file: string): string {
  return file.replaceAll("\\", "/").replace(/^\.\//, "");
}
