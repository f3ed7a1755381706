// .npy and .npz files with wrong headers, sizes or bytes, read as data for a model with open dimensions.
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zipSync } from "fflate";
import { openDataset } from "../../src/dataset/mod.ts";
import { seedOf } from "../../src/tensor/seeded.ts";
import { npyAround, npyOf } from "../dataset/npy_bytes.ts";
import { caseOf, changeBytes, type Random, randomOf } from "./changes.ts";
import type { Kind } from "./kind.ts";

const sizes = [0, 1, 2, 3, 4, 5, 255, 65536, 2 ** 31, 2 ** 53, 1e18, 1e300];
const types = ["<f4", ">f4", "<f8", "<f2", "<i8", ">i4", "|u1", "|b1", "<U3", "|O", "<c8", "=f4"];

/** An array with a false header or damaged bytes. */
function array(random: Random): Uint8Array {
  const values = Array.from({ length: 24 }, (_, i) => i / 7);
  const plain = npyOf(values, [2, 3, 4]);
  if (random.below(2) > 0) return changeBytes(plain, random);
  const shape = Array.from({ length: random.below(5) }, () => random.of(sizes));
  const elements = new Uint8Array(random.of([0, 1, 96, 97, 4096]));
  const descr = random.of(types);
  return npyAround(elements, { shape, descr, fortran: random.below(3) === 0, version: random.of([1, 2, 3]) });
}

function archive(random: Random): Uint8Array {
  const zeros = random.below(1000) === 0 ? new Uint8Array(70 * 2 ** 20) : array(random);
  const names = [random.of(["x.npy", "y.npy", "x", "", "__proto__.npy", "../x.npy"]), "z.npy"];
  const level = random.of([0, 6] as const);
  const bytes = zipSync({ [names[0]]: zeros, [names[1]]: array(random) }, { level, mtime: "1980-01-01" });
  return random.below(2) > 0 ? changeBytes(bytes, random) : bytes;
}

function arrays(extension: "npy" | "npz", draw: (random: Random) => Uint8Array): Kind {
  const folder = mkdtempSync(join(tmpdir(), "halftone-fuzz-"));
  const path = join(folder, `x.${extension}`);
  const inputs = [{ name: "x", dtype: "float32", shape: ["N", "rows", "columns"] }] as const;
  return {
    extension,
    draw: (seed, index) => caseOf(extension, seed, index, draw(randomOf(seedOf(seed, index)))),
    async run(bytes) {
      writeFileSync(path, bytes);
      const data = await openDataset({ sources: [{ path }], inputs: [...inputs], count: undefined });
      let batches = 0;
      for await (const _ of data.batches()) if (++batches === 4) break;
    },
  };
}

export const npy = (): Promise<Kind> => Promise.resolve(arrays("npy", array));
export const npz = (): Promise<Kind> => Promise.resolve(arrays("npz", archive));
