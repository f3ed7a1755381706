// The options that several commands share; a name means the same in all of them.
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
  general(
    "--device <choice>",
    "where to compute; auto: a GPU if there is one, else a software adapter, else gpu.js",
  )
    .choices(["auto", "hardware", "software", "cpu"]).default("auto"),
  general("--seed <N>", "seed for all random choices").argParser(whole(0, 2 ** 32 - 1)).default(0),
  general("--json", "print one JSON object to stdout and nothing else"),
  general("--quiet", "print only results and errors"),
  general("--verbose <level>", "0: same as --quiet, 1: progress, 2: details").argParser(whole(0, 2)).default(
    1,
  ),
  general("--debug", "print stack traces of errors"),
];

export const outputOption: Option = modelOption("--output <DIR>", "folder for the files to write")
  .default("./quantize_result");

export const modelOptions: readonly Option[] = [
  modelOption("--model <FILE>", "the float ONNX model").makeOptionMandatory(),
  outputOption,
];

/** By default, `merge` loads the model from the path that the shards recorded. */
export const optionalModelOption: Option = modelOption(
  "--model <FILE>",
  "the float ONNX model (default: the path recorded in the shards)",
);

export const dataOptions: readonly Option[] = [
  dataOption(
    "--data <PATH>",
    "image folder, .npy, .npz or a folder of these; NAME=PATH per input if there are several; random: random numbers",
  )
    .argParser(collect).makeOptionMandatory(),
  dataOption(
    "--labels <FILE>",
    "text file with lines FILE INDEX (default: class folders, or labels.txt in the data folder)",
  ),
  dataOption(
    "--preprocess <FILE>",
    "Hugging Face image-processor JSON (default: preprocessor_config.json beside the model)",
  ),
  dataOption("--subset-len <N>", "use only N samples").argParser(whole(1, 2 ** 31 - 1)),
  dataOption("--sample <which>", "which samples --subset-len keeps").choices(["random", "first"]),
  dataOption("--batch-size <N>", "samples per batch").argParser(whole(1, 4096)).default(8),
  dataOption(
    "--batch-axis <NAME=AXIS>",
    "the batch axis of an input, or none (default: inferred from dimension names); repeatable",
  ).argParser(batchAxis),
  dataOption(
    "--chain <IN=OUT>",
    "a recurrent state: feed input IN with output OUT of the previous sample; each file is one sequence; repeatable",
  ).argParser(chain),
];

export type ShardFlags = { readonly shard?: Shard };

export const shardOption: Option = dataOption(
  "--shard <I/N>",
  "measure only part I of N and write its statistics for halftone merge",
).argParser(shard);

export type DrawFlags = { readonly draws?: number };

export const drawsOption: Option = dataOption(
  "--draws <N>",
  "with --method all: calibrate on N random subsets of --subset-len samples each",
).argParser(whole(1, 100));

export type ImageFormat = "svg" | "png";

/** For commands that inspect. */
const imageFormatOption: Option = option("Inspection")(
  "--image-format <format>",
  "also draw the graph, nodes on codes blue and float ones red: inspect_TARGET.gv and .svg or .png",
).choices(["svg", "png"]);

/** How much an inspection prints: nothing, the nodes off the target's own unit, or all nodes. */
export type VerboseLevel = 0 | 1 | 2;

export type InspectorFlags = {
  readonly outputDir?: string;
  readonly verboseLevel?: VerboseLevel;
  readonly imageFormat?: ImageFormat;
};

/** The parameters of Vitis AI's inspector. */
export const inspectorOptions: readonly Option[] = [
  modelOption("--output-dir <DIR>", "same as --output").hideHelp(),
  option("Inspection")(
    "--verbose-level <level>",
    "0: print nothing, 1: the nodes that do not run on the target's own unit, 2: all nodes (default: 1)",
  ).argParser(whole(0, 2)),
  imageFormatOption,
];

export type QuantFlags = InspectorFlags & {
  readonly quantMode: "float" | "calib" | "test";
  readonly modelDir?: string;
  readonly dataDir?: string;
  readonly target?: string;
  readonly inspect?: boolean;
  readonly deploy?: boolean;
};

/** The options of the Vitis AI quantizer's example scripts; --model and --data work too. */
export const quantModeOptions: readonly Option[] = [
  modelOption(
    "--quant-mode <mode>",
    "float: evaluate the float model; calib: quantize; test: evaluate the quantized model",
  )
    .choices(["float", "calib", "test"]).default("calib"),
  modelOption(
    "--deploy",
    "in test mode: write the quantized model as ONNX and TorchScript, and as XModel if it is for a DPU",
  ),
  modelOption("--inspect", "first show which node would run where: inspect_TARGET.txt"),
  ...inspectorOptions,
  modelOption(
    "--target <NAME>",
    "for calib and --inspect without --config-file: a DPU by name or fingerprint",
  ),
  modelOption("--model-dir <PATH>", "a folder with one ONNX model, or the model file"),
  dataOption("--data-dir <PATH>", "the data, or a folder with the data in its subfolder val"),
];

/** What `eval` compares with the float model. */
export const quantizedOption: Option = modelOption(
  "--quantized <FILE>",
  "the quantized ONNX model (default: built from quant_info.json in --output)",
);

export type EvaluationFlags = { readonly fakeQuant?: boolean };

export const fakeQuantOption: Option = dataOption(
  "--fake-quant",
  "evaluate with simulated quantization in float instead of integer arithmetic",
);

export type EvalDataFlags = { readonly evalData?: readonly string[] };

export const evalDataOption: Option = dataOption(
  "--eval-data <PATH>",
  "evaluate on all of this data (default: --data)",
)
  .argParser(collect);

/** Parses `2/8`: the second of eight parts. */
function shard(text: string): Shard {
  const [, index, of] = (/^(\d{1,9})\/(\d{1,9})$/.exec(text) ?? []).map(Number);
  if (index >= 1 && index <= of) return { index, of };
  throw new InvalidArgumentError("Expected I/N with I from 1 to N, such as 2/8.");
}

/** Parses `NAME=1` or `NAME=none`; names may contain "=". */
function batchAxis(text: string, before: DataFlags["batchAxis"] = new Map()): DataFlags["batchAxis"] {
  const [, name, axis] = /^(.+)=(\d{1,2}|none)$/.exec(text) ?? [];
  if (name === undefined) {
    throw new InvalidArgumentError("Expected NAME=AXIS, such as state=1, or NAME=none.");
  }
  return new Map([...before, [name, axis === "none" ? axis : Number(axis)]]);
}

/** Parses `IN=OUT`. */
function chain(text: string, before: DataFlags["chain"] = new Map()): DataFlags["chain"] {
  const [, input, output] = /^([^=]+)=(.+)$/.exec(text) ?? [];
  if (input === undefined) throw new InvalidArgumentError("Expected IN=OUT, such as state=stateN.");
  return new Map([...before, [input, output]]);
}
