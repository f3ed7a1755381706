// quant_info.json and the float model that its encodings belong to: written by calib and train, read by export and
// eval.
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { changesGraph } from "../../src/calibrate/prepare_layers.ts";
import { ConfigError, ModelError, UnsupportedError, withinAsync } from "../../src/error.ts";
import {
  type Marks,
  parseQuantInfo,
  type QuantInfo,
  quantInfoOf,
  requireCalibrated,
  requireGraph,
} from "../../src/files/quant_info.ts";
import type { Calibration, Encodings, Graph } from "../../src/mod.ts";
import { library, type Model } from "../open.ts";
import type { Weights } from "../options/export.ts";
import { writeJson, type WrittenFile } from "../output.ts";
import { version } from "../../src/storage/version.ts";
import { graphDigest, modelDigest } from "./digest.ts";
import { removeCheckpoints } from "./finetune_checkpoint.ts";

export const quantInfoFile = "quant_info.json";

/** Writes quant_info.json and, if calibration changed the float model, that model first. */
export async function writeEncodings(
  folder: string,
  model: Model,
  calibration: Calibration,
): Promise<WrittenFile[]> {
  const { graph, options, finetune } = calibration;
  const fastFinetuned = finetune?.accepted ?? false;
  const change = fastFinetuned ? "finetuned" : changesGraph(options) ? "calibrated" : undefined;
  const saved = change && await saveFloatModel(folder, `${model.stem}_${change}.onnx`, graph);
  const marks: Marks = {
    fastFinetuned,
    biasCorrected: options.biasCorrection !== undefined,
    ...(saved && saved.marks),
  };
  const info = quantInfoOf(calibration, version(), graphDigest(model.graph), marks);
  const models = saved ? [saved.written] : [];
  const file = await writeJson(folder, quantInfoFile, info);
  if (finetune) await removeCheckpoints(folder, model.stem);
  return [...models, file];
}

type SavedModel = {
  readonly written: WrittenFile;
  readonly marks: Pick<Marks, "calibratedModel" | "calibratedDigest">;
};

/** Writes the float model that encodings belong to; the marks identify it in quant_info.json. */
export async function saveFloatModel(folder: string, name: string, graph: Graph): Promise<SavedModel> {
  const { save } = await library();
  const path = join(folder, name);
  const written = await save(graph, path);
  return { written, marks: { calibratedModel: name, calibratedDigest: await modelDigest(path, graph) } };
}

export type SavedCalibration = {
  readonly graph: Graph;
  readonly encodings: Encodings;
  readonly marks: Marks;
};

/** The float graph and the encodings that the quant_info.json in `folder` describes. */
export function readCalibration(folder: string, model: Model): Promise<SavedCalibration> {
  const path = join(folder, quantInfoFile);
  return withinAsync(path, async () => {
    const { encodings, ...marks } = await readQuantInfo(path, model);
    const graph = marks.calibratedModel
      ? await readFloatModel(folder, marks.calibratedModel, marks)
      : model.graph;
    return { graph, encodings, marks };
  });
}

/** The float model as calibration or training changed it. */
async function readFloatModel(folder: string, file: string, marks: Marks): Promise<Graph> {
  const { load } = await library();
  if (basename(file) !== file) {
    throw new ModelError(`Cannot read the calibrated model "${file}": expected a file of the same folder`);
  }
  const path = join(folder, file);
  const graph = await load(path);
  requireCalibrated(marks, await modelDigest(path, graph));
  return graph;
}

async function readQuantInfo(path: string, model: Model): Promise<QuantInfo> {
  const text = await readFile(path, "utf8").catch((cause) => {
    const state = cause.code === "ENOENT" ? "the file does not exist" : cause.message;
    throw new ConfigError(`Cannot read the encodings: ${state}; run calib first, or pass its --output`, {
      cause,
    });
  });
  const info = parseQuantInfo(text);
  requireGraph(info, graphDigest(model.graph));
  return info;
}

/** The quantized graph, and the encodings that it was made with. */
export type Quantization = { readonly quantized: Graph; readonly encodings: Encodings };

/** What the quant_info.json in `folder` describes. */
export async function readQuantization(
  folder: string,
  model: Model,
  weights: Weights = "packed",
): Promise<Quantization> {
  const { exportAs, quantize } = await library();
  const { graph, encodings } = await readCalibration(folder, model);
  const quantized = await withinAsync(join(folder, quantInfoFile), async () => {
    if (weights === "packed") return adviseCodes(() => quantize(graph, encodings));
    const quantized = quantize(graph, encodings, "bytes");
    return weights === "qdq" ? exportAs("float-weights", quantized) : quantized;
  });
  return { quantized, encodings };
}

/** The quantized graph alone. */
export async function readQuantized(folder: string, model: Model, weights?: Weights): Promise<Graph> {
  return (await readQuantization(folder, model, weights)).quantized;
}

/** Packed weights need opset 21. If the model cannot be raised to it, the error says what to pass instead. */
function adviseCodes(quantize: () => Graph): Graph {
  try {
    return quantize();
  } catch (cause) {
    if (!(cause instanceof UnsupportedError) || !/opset/.test(cause.message)) throw cause;
    const { message, where } = cause;
    throw new UnsupportedError(`${message}; store a byte per code instead: pass --weights codes`, {
      cause,
      where,
    });
  }
}
