// Every kind of JSON file that halftone reads, with damaged values or bytes; each is read and used as far as that needs
// no data.
import { createHash } from "node:crypto";
import { preprocessPixels } from "../../src/dataset/preprocess.ts";
import { parsePreprocessor } from "../../src/dataset/preprocessor.ts";
import { checkpointJson, parseCheckpoint } from "../../src/files/finetune_checkpoint.ts";
import { joinShards } from "../../src/files/join_shards.ts";
import { parseQuantInfo, quantInfoOf } from "../../src/files/quant_info.ts";
import { parseShard, shardJson } from "../../src/files/shard.ts";
import { parseTrainingCheckpoint, trainingCheckpointBytes } from "../../src/files/training_checkpoint.ts";
import {
  calibrateFrom,
  configure,
  effectiveOptions,
  measure,
  ModelError,
  optionsFor,
  quantize,
} from "../../src/mod.ts";
import { encodeModel } from "../../src/onnx/mod.ts";
import { referenceMachine } from "../../src/plan/interpret.ts";
import { seedOf } from "../../src/tensor/seeded.ts";
import { tensor } from "../../src/tensor/tensor.ts";
import { tinyGraph } from "../cli/tiny.ts";
import { caseOf, changeBytes, changeTree, randomOf } from "./changes.ts";
import type { Kind } from "./kind.ts";

const graph = tinyGraph();
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const bytesOf = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

type Reader = { readonly sample: unknown; readonly read: (text: string) => void };

/** Three in four cases damage the tree, the others the text. */
function json(name: string, { sample, read }: Reader): Kind {
  return {
    extension: "json",
    draw(seed, index) {
      const random = randomOf(seedOf(seed, index));
      const inTree = random.below(4) > 0;
      const bytes = inTree ? bytesOf(changeTree(sample, random)) : changeBytes(bytesOf(sample), random);
      return caseOf(name, seed, index, bytes);
    },
    run: async (bytes) => read(textOf(bytes)),
  };
}

/** Text that is not JSON fails before any reader sees it. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ModelError("Cannot read: it is not JSON", { cause });
  }
}

async function measureTiny() {
  const values = Array.from({ length: 2 * 192 }, (_, i) => Math.sin(i));
  const feeds = new Map([["picture", tensor("float32", [2, 3, 8, 8], values)]]);
  const dataset = {
    count: 2,
    async *batches() {
      yield { feeds, count: 2 };
    },
  };
  return await measure(graph, dataset, referenceMachine());
}

const configuration = {
  target_device: "CPU",
  quantizable_data_type: "int8",
  convert_relu6_to_relu: false,
  include_cle: true,
  keep_first_last_layer_accuracy: false,
  overall_quantize_config: { bit_width: 8, method: "percentile", percentage: 99.9, symmetry: true },
  tensor_quantize_config: { weights: { bit_width: 4, per_channel: true, method: "maxmin" } },
  layer_quantize_config: [{ layer_type: "Gemm", quantize_layer: false }, {
    layer_name: "stem",
    tensor_quantize_config: { input: { bit_width: 8, method: "entropy" } },
  }],
};
const preprocessing = {
  do_resize: true,
  size: { shortest_edge: 8 },
  resample: 3,
  do_center_crop: true,
  crop_size: { height: 8, width: 8 },
  do_rescale: true,
  rescale_factor: 0.00392156862745098,
  do_normalize: true,
  image_mean: [0.485, 0.456, 0.406],
  image_std: [0.229, 0.224, 0.225],
  do_pad: false,
};
const picture = { width: 9, height: 7, channels: 3, data: new Uint8Array(189).fill(7) } as const;
const wanted = { channels: 3, height: 8, width: 8 } as const;

export async function configurations(): Promise<Kind> {
  const read = (text: string) => {
    const { options } = configure(text, graph, {});
    effectiveOptions(optionsFor(options));
  };
  return json("configuration", { sample: configuration, read });
}

export async function quantInfos(): Promise<Kind> {
  const sample = quantInfoOf(calibrateFrom(graph, await measureTiny(), {}), "0.1.0", "digest");
  const read = (text: string) => void encodeModel(quantize(graph, parseQuantInfo(text).encodings));
  return json("quant_info", { sample, read });
}

export async function preprocessors(): Promise<Kind> {
  const read = (text: string) => {
    const steps = parsePreprocessor(text, "preprocessor_config.json");
    preprocessPixels(picture, steps, wanted, "picture");
  };
  return json("preprocessing", { sample: preprocessing, read });
}

export async function shards(): Promise<Kind> {
  const rest = { version: "0.1.0", device: "", software: true, skipped: [], notes: [] };
  const options = { ...optionsFor({}) };
  const sample = shardJson({
    ...rest,
    ...await measureTiny(),
    ...{ index: 1, of: 1, model: { path: "m", digest: "m" }, dataset: { samples: 2, digest: "d" } },
    seconds: 0,
    options,
    effective: { ...effectiveOptions(optionsFor({})) },
  });
  const read = (text: string) => {
    const joined = joinShards([{ file: "shard.json", shard: parseShard(parseJson(text)) }]);
    calibrateFrom(graph, joined, joined.options);
  };
  return json("shard", { sample, read });
}

export async function checkpoints(): Promise<Kind> {
  const encoding = {
    ...{ bits: 4, signed: true, axis: 0, narrow: true },
    scale: Float32Array.of(0.5, 0.25),
    zeroPoint: Int32Array.of(0, 0),
  };
  const tuned = { weights: Float32Array.of(1, 2, 3, 4), encoding };
  const layer = {
    node: "y",
    name: "stem",
    type: "Conv",
    weight: "w",
    bits: 4,
    before: 0.1,
    after: 0.05,
    tuned,
  };
  const origin = { version: "1", calibration: "a", samples: "b", device: "c", method: "block, seed 0" };
  const sample = checkpointJson({ place: 3, origin, layer });
  return json("checkpoint", { sample, read: (text) => void parseCheckpoint(parseJson(text)) });
}

export async function trainings(): Promise<Kind> {
  const digestOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
  const codes = tensor("float32", [2, 2], [1, 0.1, -0, 3e38]);
  const sample = trainingCheckpointBytes({
    origin: { version: "1", network: "n", samples: "s", options: "o", device: "d" },
    standing: {
      ...{ taken: 7, bestLoss: 3, factor: 0.5, notes: ["after step 3"] },
      states: new Map([["w", codes], ["step", tensor("float32", [], [2])]]),
      best: new Map([["w", codes]]),
      curve: [{ step: 7, loss: 0.25, heldOut: 0.5 }],
    },
  }, digestOf);
  return {
    extension: "safetensors",
    draw: (seed, index) =>
      caseOf("training", seed, index, changeBytes(sample, randomOf(seedOf(seed, index)))),
    run: async (bytes) => void parseTrainingCheckpoint(bytes, digestOf),
  };
}
