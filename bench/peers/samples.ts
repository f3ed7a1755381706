// The same preprocessed samples for every tool: a folder of .npy files, ten samples each.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Dataset } from "../../src/dataset/mod.ts";
import { elementCount, type Shape } from "../../src/tensor/shape.ts";

/** The histogram methods of `quantize_static` require equal batches. */
const samplesPerFile = 10;

/** The samples of the only input, float32; tools read the files in the order of their names. */
export async function writeSamples(
  dataset: Pick<Dataset, "batches">,
  folder: string,
): Promise<string> {
  await mkdir(folder, { recursive: true });
  let files = 0;
  let kept: Uint8Array[] = [];
  let shape: Shape = [];
  const write = async () => {
    const path = join(folder, `${String(files++).padStart(6, "0")}.npy`);
    await writeFile(path, [npyHeader([kept.length, ...shape]), ...kept]);
    kept = [];
  };
  for await (const { feeds, count } of dataset.batches()) {
    const [feed] = feeds.values();
    shape = feed.shape.slice(1);
    const bytes = 4 * elementCount(shape);
    for (let i = 0; i < count; i++) {
      kept.push(feed.bytes.slice(i * bytes, (i + 1) * bytes));
      if (kept.length === samplesPerFile) await write();
    }
  }
  if (kept.length > 0) await write();
  return folder;
}

/**
 * numpy's format 1.0: magic, version, header length, and the header, padded to a multiple of 64 and ending with a
 * newline.
 */
function npyHeader(shape: Shape): Uint8Array {
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${shape.join(", ")}), }`;
  const header = `${text.padEnd(128 - 10 - 1)}\n`;
  const ascii = new TextEncoder();
  return Uint8Array.of(0x93, ...ascii.encode("NUMPY"), 1, 0, header.length, 0, ...ascii.encode(header));
}
