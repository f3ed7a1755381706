// The options of `halftone bench`. Where trtexec has the option, names and meanings are the same (TensorRT 11,
// sampleOptions.cpp).
import { InvalidArgumentError, type Option } from "commander";
import { collect, number, option, optional, whole } from "./option.ts";
import { dataOptions, type ModelFlags, modelOptions, type SharedFlags } from "./shared.ts";
import { inertOptions } from "./trtexec.ts";

export type Scenario = "single" | "multi" | "offline" | "server";
/** Shapes by input name. */
export type Shapes = ReadonlyMap<string, readonly number[]>;

export type BenchFlags = SharedFlags & Pick<ModelFlags, "output"> & {
  readonly model?: string;
  /** The model of a trtexec command line. */
  readonly onnx?: string;
  readonly fp16?: boolean;
  readonly int8?: boolean;
  readonly best?: boolean;
  readonly saveEngine?: string;
  readonly loadEngine?: string;
  readonly skipInference?: boolean;
  readonly buildOnly?: boolean;
  readonly quantized?: readonly string[];
  readonly data?: readonly string[];
  readonly labels?: string;
  readonly preprocess?: string;
  readonly subsetLen?: number;
  readonly sample?: "random" | "first";
  readonly batch: readonly number[];
  readonly shapes?: Shapes;
  readonly warmUp: number;
  readonly duration: number;
  readonly iterations: number;
  readonly avgRuns: number;
  readonly percentile: readonly number[];
  readonly sleepTime: number;
  readonly idleTime: number;
  readonly scenario: Scenario;
  readonly targetQps?: number;
  readonly dumpProfile?: boolean;
  readonly exportProfile?: string;
  readonly exportTrace?: string;
  readonly exportTimes?: string;
  readonly exportBaseline?: string;
  readonly baseline?: string;
  readonly tolerance: number;
};

const subject = option("Model");
const timing = option("Timing");
const reporting = option("Reporting");
const comparing = option("Comparison");

/** The data options of `eval`, none of them mandatory; the batch size is --batch. */
const benchDataOptions = optional(dataOptions.filter((one) => one.attributeName() !== "batchSize"));
for (const one of benchDataOptions) {
  if (one.attributeName() === "data") one.description += " (default: random)";
}

export const benchOptions: readonly Option[] = [
  ...optional(modelOptions),
  subject(
    "--onnx <FILE>",
    "as --model, in trtexec's words: fp32 alone unless --fp16, --int8 or --best adds to it; of a " +
      "quantized model int8 alone",
  ).conflicts("model"),
  subject("--int8", "measure int8 beside fp32"),
  subject("--fp16", "measure half precision beside fp32: the model in --form float16"),
  subject("--best", "measure fp32, fp16 and int8"),
  subject(
    "--quantized <FILE>",
    "a quantized ONNX model; repeatable (default: built from quant_info.json in --output)",
  )
    .argParser(collect),
  subject("--batch <N,...>", "samples per query; several sizes make a sweep").argParser(list(whole(1, 4096)))
    .default(
      [1],
    ),
  subject("--shapes <SPEC>", "input shapes, such as input:1x3x224x224,mask:1x8").argParser(parseShapes),
  ...benchDataOptions,
  subject(
    "--save-engine <FILE>",
    "write what was measured, planned and packed for this device: with --fp16, --int8 or " +
      "--best those, the fastest first",
  ),
  subject("--skip-inference", "only write --save-engine, and measure nothing"),
  subject("--build-only", "same as --skip-inference").hideHelp(),
  subject("--load-engine <FILE>", "measure a saved engine; it starts in a fraction of the time").conflicts([
    ...["model", "onnx", "quantized", "data", "labels", "preprocess", "subsetLen", "sample", "saveEngine"],
  ]),
  timing("--warm-up <ms>", "run this long before measuring").argParser(number({ from: 0 })).default(200),
  timing("--duration <s>", "measure each model for at least this long").argParser(number({ above: 0 }))
    .default(3),
  timing("--iterations <N>", "and for at least N queries").argParser(whole(1, 2 ** 31 - 1)).default(10),
  timing("--sleep-time <ms>", "wait before each query is launched").argParser(number({ from: 0 })).default(0),
  timing("--idle-time <ms>", "wait after each query").argParser(number({ from: 0 })).default(0),
  timing(
    "--scenario <name>",
    "single: one query after another; multi: eight at once; offline: as many as the device takes; " +
      "server: random arrivals (Poisson, --seed)",
  ).choices(["single", "multi", "offline", "server"]).default("single"),
  timing(
    "--target-qps <N>",
    "arrivals per second in --scenario server (default: 80 % of the slowest model's throughput)",
  )
    .argParser(number({ above: 0 })),
  reporting("--avg-runs <N>", "queries averaged per line of the timing trace (--verbose 2)").argParser(
    whole(1, 2 ** 31 - 1),
  )
    .default(10),
  reporting("--percentile <P,...>", "percentiles to report").argParser(list(number({ from: 0, to: 100 })))
    .default([
      90,
      95,
      99,
    ]),
  reporting("--dump-profile", "print each layer's time in float and int8, and what limits it"),
  reporting("--export-profile <FILE>", "write the layer times as JSON"),
  reporting("--export-trace <FILE>", "write a trace for chrome://tracing or ui.perfetto.dev"),
  reporting("--export-times <FILE>", "write each query's times as JSON, with trtexec's field names"),
  comparing("--baseline <FILE>", "exit with 1 if a model is slower than in this result of an earlier run"),
  comparing("--tolerance <percent>", "how much slower than --baseline is accepted").argParser(
    number({ from: 0 }),
  ).default(5),
  comparing("--export-baseline <FILE>", "write the result to use as --baseline later"),
  ...inertOptions,
];

function list(one: (text: string) => number): (text: string) => readonly number[] {
  return (text) => {
    const values = text.split(",").map(one);
    if (new Set(values).size < values.length) throw new InvalidArgumentError("Expected each number once.");
    return values;
  };
}

/** Parses `NAME:1x3x8x8,…`; names may contain colons, the shape comes after the last one. */
export function parseShapes(text: string): Shapes {
  return new Map(
    text.split(",").map((part) => {
      const [, name, dims] = /^(.+):(\d+(?:x\d+)*)$/.exec(part) ?? [];
      const shape = dims?.split("x").map(Number);
      if (!shape || shape.includes(0)) {
        throw new InvalidArgumentError("Expected NAME:1x3x224x224, several separated by commas.");
      }
      return [name, shape];
    }),
  );
}
