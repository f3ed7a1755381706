// Folders of files for the tests, removed afterwards.
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import sharp from "sharp";
import { inTempFolder } from "../../bench/temp_folder.ts";

/** Runs a test in a fresh folder that contains `files` (path to bytes or text). */
export async function inFolder(
  files: Readonly<Record<string, Uint8Array | string>>,
  run: (folder: string) => Promise<void>,
): Promise<void> {
  await inTempFolder(async (folder) => {
    for (const [name, bytes] of Object.entries(files)) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), bytes);
    }
    await run(folder);
  });
}

/** A PNG of a single colour. */
export function png(width: number, height: number, level: number): Promise<Uint8Array> {
  const background = { r: level, g: level, b: level };
  return sharp({ create: { width, height, channels: 3, background } }).png().toBuffer();
}
