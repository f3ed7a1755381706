// ONNX Runtime's own calibration, in Python, on samples that halftone has preprocessed.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Dataset } from "../../src/dataset/mod.ts";
import { elementCount } from "../../src/tensor/shape.ts";
import { jsonFrom } from "../child.ts";

const script = fileURLToPath(new URL("ort_quantize_static.py", import.meta.url));

export async function peerVersion(python: string): Promise<{ version: string } | { why: string }> {
  const probe = "import json, onnx, onnxruntime; print(json.dumps({'version': onnxruntime.__version__}))";
  try {
    return await jsonFrom(python, ["-c", probe]) as { version: string };
  } catch (error) {
    const lines = (error as Error & { stderr?: string }).stderr?.trim().split("\n");
    return { why: `${lines?.at(-1) || (error as Error).message}; pass --python` };
  }
}

/** The samples of the only input as one .npy [N, …] of float32. */
export async function writeSamples(dataset: Dataset, path: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let shape: readonly number[] = [];
  for await (const { feeds, count } of dataset.batches()) {
    const [feed] = feeds.values();
    shape = feed.shape.slice(1);
    chunks.push(feed.bytes.subarray(0, 4 * elementCount(shape) * count));
  }
  const dims = [dataset.count, ...shape].join(", ");
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${dims}), }`;
  // numpy's format 1.0: magic, version, length of the header, which ends at a multiple of 64 with a line end.
  const header = `${text.padEnd(128 - 10 - 1)}\n`;
  const magic = Uint8Array.of(0x93, ...new TextEncoder().encode("NUMPY"), 1, 0, header.length, 0);
  await writeFile(path, [magic, new TextEncoder().encode(header), ...chunks]);
  return path;
}

export async function quantizeStatic(
  python: string,
  model: string,
  samples: string,
  method: string,
  folder: string,
): Promise<{ seconds: number; peakBytes: number }> {
  const result = await jsonFrom(python, [script, model, samples, method, join(folder, "ort_int8.onnx")]);
  return { seconds: result.seconds as number, peakBytes: result.peak_rss_bytes as number };
}
