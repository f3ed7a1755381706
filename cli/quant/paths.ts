// The model and the data in the folders that the Vitis AI quantizer's scripts expect.
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { ConfigError } from "../../src/error.ts";
import { misuse } from "../options/target.ts";
import type { QuantFlags } from "./flags.ts";

/** --model, or the only float model of --model_dir. */
export async function modelPath({ model, modelDir }: QuantFlags): Promise<string> {
  if (model !== undefined) return model;
  if (modelDir === undefined) {
    throw misuse("Cannot run quant: no model is given, expected --model_dir PATH or --model FILE");
  }
  if (!(await stat(modelDir)).isDirectory()) return modelDir;
  const models = (await readdir(modelDir)).filter((name) => /(?<!_int)\.onnx$/.test(name)).sort();
  if (models.length === 1) return join(modelDir, models[0]);
  throw new ConfigError(
    `Cannot choose a model in "${modelDir}": it has ${models.length} ONNX models` +
      `${models.length ? ` (${models.join(", ")})` : ""}, expected one; pass --model FILE`,
  );
}

/** --data, or the folder val in --data_dir, which the example scripts read; without one, --data_dir itself. */
export async function dataPaths({ data, dataDir }: QuantFlags): Promise<readonly string[] | undefined> {
  if (data !== undefined || dataDir === undefined) return data;
  const val = join(dataDir, "val");
  const isFolder = await stat(val).then((found) => found.isDirectory(), () => false);
  return [isFolder ? val : dataDir];
}
