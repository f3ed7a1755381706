// The .npz format: a zip archive with one .npy file per array.
import { type UnzipFileFilter, unzipSync } from "fflate";
import { ModelError } from "../error.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { readNpy } from "./npy.ts";

/** Deflate cannot do better than 1032 to 1: a larger claim is damage, and would be allocated. */
const inflationMax = 1032;

/** Measured numbers do not shrink to a hundredth; zeros do, so small arrays may. */
const ratioMax = 100;
const smallBytes = 64 * 2 ** 20;
/** An archive is inflated as a whole, while .npy files are read sample by sample. */
const inflatedMax = 2 ** 30;

/** Reads arrays by name: those in `wanted`, or all if none is; `file` names the archive in messages. */
export function readNpz(
  bytes: Uint8Array,
  file: string,
  wanted: readonly string[] = [],
): ReadonlyMap<string, Tensor> {
  let entries: Record<string, Uint8Array>;
  try {
    const isWanted = (name: string) => wanted.includes(name.slice(0, -".npy".length));
    const names = namesIn(bytes);
    const some = names.some(isWanted);
    entries = unzipSync(bytes, { filter: filterWithinLimits((name) => !some || isWanted(name)) });
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
    throw new ModelError(`Cannot read arrays "${file}": it holds none, expected one per input`);
  }
  return arrays;
}

function namesIn(bytes: Uint8Array): string[] {
  const names: string[] = [];
  unzipSync(bytes, { filter: ({ name }) => names.push(name) < 0 });
  return names;
}

/** Accepts arrays while they stay within the limits. */
function filterWithinLimits(takes: (name: string) => boolean): UnzipFileFilter {
  let total = 0;
  return ({ name, size, originalSize }) => {
    if (!name.endsWith(".npy") || !takes(name)) return false;
    if (originalSize > size * inflationMax + 64) throw new Error(`the size of "${name}" is damaged`);
    total += originalSize;
    const isBomb = originalSize > smallBytes && originalSize > size * ratioMax;
    if (!isBomb && total <= inflatedMax) return true;
    const limit = isBomb ? `${ratioMax} times as many` : `${inflatedMax} in all`;
    throw new Error(
      `"${name}" would inflate from ${size} to ${originalSize} bytes, at most ${limit}; give .npy files`,
    );
  };
}
