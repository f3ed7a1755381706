// The options of `halftone bench`: trtexec's names and meanings where it has one (TensorRT 11, sampleOptions.cpp).
import { InvalidArgumentError, type Option } from "commander";
import { collect, number, option, optional, whole } from "./option.ts";
import { dataOptions, type ModelFlags, modelOptions, type SharedFlags } from "./shared.ts";

export type Scenario = "single" | "multi" | "offline" | "server";
/** A shape for each input that is named. */
export type Shapes = ReadonlyMap<string, readonly number[]>;

export type BenchFlags = SharedFlags & ModelFlags & {
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
  ...modelOptions,
  subject(
    "--quantized <FILE>",
    "a quantized ONNX model, repeatable (default: what quant_info.json in --output says)",
  )
    .argParser(collect),
  subject("--batch <N,...>", "samples a query; several make a sweep").argParser(list(whole(1, 4096))).default(
    [1],
  ),
  subject("--shapes <SPEC>", "shapes of inputs, as in input:1x3x224x224,mask:1x8").argParser(shapesOf),
  ...benchDataOptions,
  timing("--warm-up <ms>", "run this long before times count").argParser(number({ from: 0 })).default(200),
  timing("--duration <s>", "measure each model at least so long").argParser(number({ above: 0 })).default(3),
  timing("--iterations <N>", "and at least so many queries").argParser(whole(1, 2 ** 31 - 1)).default(10),
  timing("--sleep-time <ms>", "wait before each query is launched").argParser(number({ from: 0 })).default(0),
  timing("--idle-time <ms>", "wait after each query").argParser(number({ from: 0 })).default(0),
  timing(
    "--scenario <name>",
    "single: one query after another; multi: eight together; offline: as many as fit; " +
      "server: arrivals at random (Poisson, --seed)",
  ).choices(["single", "multi", "offline", "server"]).default("single"),
  timing(
    "--target-qps <N>",
    "arrivals a second of --scenario server (default: 80 % of what the slowest model manages)",
  )
    .argParser(number({ above: 0 })),
  reporting("--avg-runs <N>", "queries averaged in a line of the trace (--verbose 2)").argParser(
    whole(1, 2 ** 31 - 1),
  )
    .default(10),
  reporting("--percentile <P,...>", "percentiles to report").argParser(list(number({ from: 0, to: 100 })))
    .default([
      90,
      95,
      99,
    ]),
  reporting("--dump-profile", "print each layer's time in float and in int8, and what bounds it"),
  reporting("--export-profile <FILE>", "write the same as JSON"),
  reporting("--export-trace <FILE>", "write a trace for chrome://tracing or ui.perfetto.dev"),
  reporting("--export-times <FILE>", "write each query's times as JSON, with trtexec's field names"),
  comparing("--baseline <FILE>", "exit with 1 where a model is slower than in this result of an earlier run"),
  comparing("--tolerance <percent>", "by more than this").argParser(number({ from: 0 })).default(5),
  comparing("--export-baseline <FILE>", "write the result for a later --baseline"),
];

function list(one: (text: string) => number): (text: string) => readonly number[] {
  return (text) => {
    const values = text.split(",").map(one);
    if (new Set(values).size < values.length) throw new InvalidArgumentError("Expected each number once.");
    return values;
  };
}

/** Names may hold colons; the shape stands behind the last. */
function shapesOf(text: string): Shapes {
  return new Map(
    text.split(",").map((part) => {
      const [, name, dims] = /^(.+):(\d+(?:x\d+)*)$/.exec(part) ?? [];
      const shape = dims?.split("x").map(Number);
      if (!shape || shape.includes(0)) {
        throw new InvalidArgumentError("Expected NAME:1x3x224x224, several with commas between.");
      }
      return [name, shape];
    }),
  );
}
