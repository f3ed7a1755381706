// What a bench compares: a float model in several precisions, quantized files, or the runs of a saved engine.
import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import type { ModelInput } from "../../src/dataset/source.ts";
import { ConfigError, within } from "../../src/error.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { encodeModel } from "../../src/onnx/mod.ts";
import { codeBiases } from "../../src/passes/code_biases.ts";
import { hasIntegers } from "../../src/passes/integer_form.ts";
import { runnableForm } from "../../src/passes/runnable_form.ts";
import { plannedOpset } from "../../src/passes/upgrade_opset.ts";
import type { Limits } from "../../src/plan/limits.ts";
import { checkFeeds } from "../../src/plan/interpret.ts";
import type { Feeds, Machine } from "../../src/plan/machine.ts";
import { prepare } from "../../src/recipe.ts";
import { openEngine } from "../../src/recipe/load_engine.ts";
import { type PlanOf, plansOf } from "../../src/run/stages.ts";
import { library, type Model, openModel } from "../open.ts";
import type { BenchFlags } from "../options/bench.ts";
import { misuse } from "../options/target.ts";
import { readQuantized } from "../steps/encodings.ts";
import { type Precision, precisionOf } from "./precision.ts";

export type Contender = {
  /** `fp32`, `fp16`, `int8`, or the stem of a further quantized file. */
  readonly name: string;
  /** Of its file; absent in engines. */
  readonly bytes?: number;
  readonly planOf: (limits: Limits | undefined) => PlanOf;
  /** Compared with the float model; absent for that model itself, and in engines. */
  readonly judged?: Graph;
  /** What a reader of its times must know. */
  readonly caveat?: string;
};

export type Contest = {
  /** The file's name, for titles. */
  readonly file: string;
  readonly inputs: readonly ModelInput[];
  readonly contenders: readonly Contender[];
  /** Absent for engines. */
  readonly model?: Model;
  /** The model's file name; of an engine, that of the model that it was made from. */
  readonly modelName: string;
};

type Sources = Pick<BenchFlags, "quantized" | "output">;

/** The runs of a model in these precisions; int8 from --quantized files, or from quant_info.json in --output. */
export async function contestOf(
  model: Model,
  precisions: readonly Precision[],
  sources: Sources,
): Promise<Contest> {
  const { modelInputs } = await library();
  const contenders: Contender[] = [];
  for (const precision of precisions) contenders.push(...await contendersIn[precision](model, sources));
  return { file: model.file, model, modelName: model.file, inputs: modelInputs(model.graph), contenders };
}

/** The runs of a model that is quantized itself. */
export async function contestOfQuantized(model: Model): Promise<Contest> {
  const { modelInputs } = await library();
  const { judged: _, ...contender } = quantizedContender("int8", model.path, model);
  const inputs = modelInputs(model.graph);
  return { file: model.file, model, modelName: model.file, inputs, contenders: [contender] };
}

const contendersIn: Record<Precision, (model: Model, sources: Sources) => Promise<Contender[]>> = {
  fp32: async ({ graph, bytes }) => [{
    name: "fp32",
    bytes,
    planOf: (limits) => plansOf(prepare(graph, plannedOpset), limits),
  }],
  fp16: async ({ graph }) => {
    const { exportAs } = await library();
    const half = exportAs("float16", graph);
    return [{
      name: "fp16",
      bytes: encodeModel(half).length,
      planOf: (limits) => plansOf(runnableForm(half), limits),
      judged: half,
      caveat:
        "fp16 is the model in --form float16: its values are rounded to half precision, its arithmetic is in " +
        "float32, as halftone has no half-precision kernels; its times say nothing about hardware that has them",
    }];
  },
  int8: quantizedContenders,
};

async function quantizedContenders(
  model: Model,
  { quantized: files, output }: Sources,
): Promise<Contender[]> {
  if (!files) {
    return [quantizedContender("int8", join(output, "quant_info.json"), await readFromOutput(model, output))];
  }
  const opened: Contender[] = [];
  for (const file of files) {
    const { graph, bytes, stem } = await openModel(file);
    checkSameInterface(model, graph, file);
    const taken = new Set(["fp32", "fp16", ...opened.map(({ name }) => name)]);
    const name = opened.length === 0 ? "int8" : taken.has(stem) ? `${stem}_${opened.length + 1}` : stem;
    opened.push(quantizedContender(name, file, { graph, bytes }));
  }
  return opened;
}

async function readFromOutput(model: Model, output: string): Promise<{ graph: Graph; bytes: number }> {
  if (!existsSync(join(output, "quant_info.json"))) {
    throw new ConfigError(
      `Cannot measure a quantized model: there is no "${join(output, "quant_info.json")}"; ` +
        "run quantize or calib first, or pass --quantized FILE",
    );
  }
  const graph = await readQuantized(output, model);
  return { graph, bytes: encodeModel(graph).length };
}

function quantizedContender(
  name: string,
  file: string,
  { graph, bytes }: { readonly graph: Graph; readonly bytes: number },
): Contender {
  const form = runnableForm(graph);
  return {
    name,
    bytes,
    planOf: (limits) => namingFile(file, plansOf(form, limits)),
    // What is judged is what is timed.
    judged: codeBiases(graph),
    ...(!hasIntegers(form) && {
      caveat: `${name} has no operator in integer arithmetic: it runs as simulated quantization in float`,
    }),
  };
}

function namingFile(file: string, planOf: PlanOf): PlanOf {
  return Object.assign((feeds: Feeds) => within(file, () => planOf(feeds)), { made: planOf.made });
}

/** @throws ConfigError unless both have the same inputs and outputs. */
function checkSameInterface(model: Model, quantized: Graph, file: string) {
  for (const side of ["inputs", "outputs"] as const) {
    const [expected, found] = [model.graph[side], quantized[side]].map((names) =>
      [...names].sort().join(", ")
    );
    if (expected === found) continue;
    throw new ConfigError(
      `Cannot compare "${file}" with "${model.path}": its ${side} are ${found}, expected ${expected}`,
    );
  }
}

/**
 * The runs of a saved engine; --int8, --fp16 and --best select some.
 * @throws ModelError, DeviceError: see `openEngine`. CommanderError if it has no run of a precision that was asked for.
 */
export async function contestOfEngine(
  path: string,
  machine: Machine,
  precisions: readonly Precision[] | undefined,
): Promise<Contest> {
  const { runs, model } = await openEngine(path, machine);
  const names = runs.map(({ name }) => name);
  const missing = precisions?.find((precision) => !names.map(precisionOf).includes(precision));
  if (missing !== undefined) {
    throw misuse(
      `Cannot measure ${missing}: the engine "${path}" has ${names.join(", ")}; leave out --${missing}`,
    );
  }
  const inputs = runs[0].plan.inputs;
  const chosen = runs.filter(({ name }) => precisions?.includes(precisionOf(name)) ?? true);
  const contenders = chosen.map(({ name, plan }): Contender => ({
    name,
    planOf: () =>
      Object.assign((feeds: Feeds) => {
        within(path, () => checkFeeds(plan, feeds));
        return plan;
      }, { made: () => [plan] }),
  }));
  return { file: basename(path), inputs, contenders, modelName: model.name };
}
