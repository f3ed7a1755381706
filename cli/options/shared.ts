// The options that commands share. A name means the same everywhere; defaults of quantization are the
// library's.
import { InvalidArgumentError, type Option } from "commander";
import type { Shard } from "../../src/dataset/mod.ts";
import { collect, option, whole } from "./option.ts";

export type SharedFlags = {
  readonly device: "auto" | "hardware" | "software" | "cpu";
  readonly seed: number;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly verbose: number;
  readonly debug?: boolean;
};

export type ModelFlags = { readonly model: string; readonly output: string };

export type DataFlags = {
  readonly data: readonly string[];
  readonly labels?: string;
  readonly preprocess?: string;
  readonly subsetLen?: number;
  readonly sample?: "random" | "first";
  readonly batchSize: number;
  readonly batchAxis?: ReadonlyMap<string, number | "none">;
  readonly chain?: ReadonlyMap<string, string>;
};

const general = option("General");
const modelOption = option("Model");
const dataOption = option("Data");

export const sharedOptions: readonly Option[] = [
  general("--device <choice>", "where to compute; auto: a GPU, else a software adapter, else gpu.js")
    .choices(["auto", "hardware", "software", "cpu"]).default("auto"),
  general("--seed <N>", "seed of every random choice").argParser(whole(0, 2 ** 32 - 1)).default(0),
  general("--json", "print one JSON object on stdout and nothing else"),
  general("--quiet", "print results and errors only"),
  general("--verbose <level>", "0: as --quiet, 1: progress, 2: details").argParser(whole(0, 2)).default(1),
  general("--debug", "show where an error comes from"),
];

export const outputOption: Option = modelOption("--output <DIR>", "where files are written")
  .default("./quantize_result");

export const modelOptions: readonly Option[] = [
  modelOption("--model <FILE>", "the float ONNX model").makeOptionMandatory(),
  outputOption,
];

/** `merge` finds the model where the shards did. */
export const optionalModelOption: Option = modelOption(
  "--model <FILE>",
  "the float ONNX model (default: where the shards found it)",
);

export const dataOptions: readonly Option[] = [
  dataOption(
    "--data <PATH>",
    "image folder, .npy, .npz or a folder of these; NAME=PATH for each of several inputs; random",
  )
    .argParser(collect).makeOptionMandatory(),
  dataOption("--labels <FILE>", "lines FILE INDEX (default: class folders, or labels.txt in the folder)"),
  dataOption(
    "--preprocess <FILE>",
    "Hugging Face image-processor JSON (default: preprocessor_config.json beside the model)",
  ),
  dataOption("--subset-len <N>", "use N samples only").argParser(whole(1, 2 ** 31 - 1)),
  dataOption("--sample <which>", "which samples --subset-len keeps").choices(["random", "first"]),
  dataOption("--batch-size <N>", "samples computed together").argParser(whole(1, 4096)).default(8),
  dataOption(
    "--batch-axis <NAME=AXIS>",
    "the axis of an input along which samples lie, or none (default: found by the model's names); repeat for several",
  ).argParser(batchAxis),
  dataOption(
    "--chain <IN=OUT>",
    "a state: feed input IN with output OUT of the sample before; each file is a recording; repeat for several",
  ).argParser(chain),
];

export type ShardFlags = { readonly shard?: Shard };

export const shardOption: Option = dataOption(
  "--shard <I/N>",
  "measure only the I-th of N parts and write its statistics, for halftone merge",
).argParser(shard);

export type DrawFlags = { readonly draws?: number };

export const drawsOption: Option = dataOption(
  "--draws <N>",
  "with --method all: calibrate on so many random subsets of --subset-len samples",
).argParser(whole(1, 100));

export type QuantFlags = {
  readonly quantMode: "float" | "calib" | "test";
  readonly modelDir?: string;
  readonly dataDir?: string;
  readonly target?: string;
  readonly inspect?: boolean;
  readonly deploy?: boolean;
};

/** As the example scripts of the Vitis AI quantizer have them; --model and --data serve as well. */
export const quantModeOptions: readonly Option[] = [
  modelOption(
    "--quant-mode <mode>",
    "float: accuracy of the model; calib: quantize; test: accuracy of the result",
  )
    .choices(["float", "calib", "test"]).default("calib"),
  modelOption("--deploy", "in test mode: write the quantized model"),
  modelOption("--inspect", "say first which node would run where: inspect_TARGET.txt"),
  modelOption(
    "--target <NAME>",
    "calib and --inspect, without a configuration: a DPU by name or fingerprint",
  ),
  modelOption("--model-dir <PATH>", "a folder with one ONNX model, or the model"),
  dataOption("--data-dir <PATH>", "the data, or a folder whose folder val has them"),
];

/** What `eval` compares with the float model. */
export const quantizedOption: Option = modelOption(
  "--quantized <FILE>",
  "the quantized ONNX model (default: what quant_info.json in --output describes)",
);

export type EvaluationFlags = { readonly fakeQuant?: boolean };

export const fakeQuantOption: Option = dataOption(
  "--fake-quant",
  "evaluate in rounded float instead of integer arithmetic",
);

export type EvalDataFlags = { readonly evalData?: readonly string[] };

export const evalDataOption: Option = dataOption(
  "--eval-data <PATH>",
  "evaluate on all of this (default: --data)",
)
  .argParser(collect);

/** `2/8`: the second of eight parts. */
function shard(text: string): Shard {
  const [, index, of] = (/^(\d{1,9})\/(\d{1,9})$/.exec(text) ?? []).map(Number);
  if (index >= 1 && index <= of) return { index, of };
  throw new InvalidArgumentError("Expected I/N with I from 1 to N, such as 2/8.");
}

/** `NAME=1` or `NAME=none`; names may hold "=". */
function batchAxis(text: string, before: DataFlags["batchAxis"] = new Map()): DataFlags["batchAxis"] {
  const [, name, axis] = /^(.+)=(\d{1,2}|none)$/.exec(text) ?? [];
  if (name === undefined) {
    throw new InvalidArgumentError("Expected NAME=AXIS, such as state=1, or NAME=none.");
  }
  return new Map([...before, [name, axis === "none" ? axis : Number(axis)]]);
}

/** `IN=OUT`. */
function chain(text: string, before: DataFlags["chain"] = new Map()): DataFlags["chain"] {
  const [, input, output] = /^([^=]+)=(.+)$/.exec(text) ?? [];
  if (input === undefined) throw new InvalidArgumentError("Expected IN=OUT, such as state=stateN.");
  return new Map([...before, [input, output]]);
}
