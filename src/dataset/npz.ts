// The .npz format: a zip archive of .npy files, one an array.
import { unzipSync } from "fflate";
import { ModelError } from "../error.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { readNpy } from "./npy.ts";

/** Deflate cannot do better than 1032 to 1: a larger claim is damage, and would be allocated. */
const inflationMax = 1032;

/** Reads all arrays by name; `file` is what errors call the archive. */
export function readNpz(bytes: Uint8Array, file: string): ReadonlyMap<string, Tensor> {
  let entries: Record<string, Uint8Array>;
  try {
    entries = unzipSync(bytes, {
      filter({ name, size, originalSize }) {
        if (originalSize > size * inflationMax + 64) throw new Error(`the size of "${name}" is damaged`);
        return name.endsWith(".npy");
      },
    });
  } catch (cause) {
    throw new ModelError(`Cannot read arrays "${file}": ${(cause as Error).message}, expected a .npz file`, {
      cause,
    });
  }
  const arrays = new Map<string, Tensor>();
  for (const [name, npy] of Object.entries(entries)) {
    arrays.set(name.slice(0, -".npy".length), readNpy(npy, `${file}/${name}`));
  }
  if (arrays.size === 0) {
    throw new ModelError(`Cannot read arrays "${file}": it holds none, expected one an input`);
  }
  return arrays;
}
