// The models that a bench runs: the float one and quantized ones, each run as `eval` would.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { ConfigError, within } from "../../src/error.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { encodeModel } from "../../src/onnx/mod.ts";
import { checkOps } from "../../src/ops/table.ts";
import { hasIntegers, integerForm } from "../../src/passes/integer_form.ts";
import type { Limits } from "../../src/plan/limits.ts";
import type { Feeds } from "../../src/plan/machine.ts";
import { type PlanOf, plansOf } from "../../src/run/stages.ts";
import { plannedOpset, upgradeOpset } from "../../src/passes/upgrade_opset.ts";
import { prepare } from "../../src/recipe.ts";
import { readQuantized } from "../steps/encodings.ts";
import { type Model, openModel } from "../open.ts";
import type { Subject } from "./measure.ts";

export type QuantizedModel = {
  /** `int8` for the first, the file's stem for others. */
  readonly name: string;
  /** The file that errors name. */
  readonly file: string;
  readonly graph: Graph;
  readonly bytes: number;
  /** False if no operator is in integer arithmetic: then quantization is simulated in float. */
  readonly onCodes: boolean;
};

export async function openQuantized(
  model: Model,
  files: readonly string[] | undefined,
  output: string,
): Promise<QuantizedModel[]> {
  if (!files) {
    return [quantizedModel("int8", join(output, "quant_info.json"), await readFromOutput(model, output))];
  }
  const opened: QuantizedModel[] = [];
  for (const file of files) {
    const { graph, bytes, stem } = await openModel(file);
    checkSameInterface(model, graph, file);
    const taken = new Set(["fp32", ...opened.map(({ name }) => name)]);
    const name = opened.length === 0 ? "int8" : taken.has(stem) ? `${stem}_${opened.length + 1}` : stem;
    opened.push(quantizedModel(name, file, { graph, bytes }));
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

function quantizedModel(
  name: string,
  file: string,
  { graph, bytes }: { graph: Graph; bytes: number },
): QuantizedModel {
  return { name, file, graph, bytes, onCodes: hasIntegers(runnableForm(graph)) };
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

/** The float model, fp32, comes first. */
export function subjectsOf(
  model: Model,
  quantized: readonly QuantizedModel[],
  limits: Limits | undefined,
): Subject[] {
  return [
    { name: "fp32", planOf: plansOf(prepare(model.graph, plannedOpset), limits) },
    ...quantized.map(({ name, file, graph }) => ({
      name,
      planOf: namingFile(file, plansOf(runnableForm(graph), limits)),
    })),
  ];
}

function namingFile(file: string, planOf: PlanOf): PlanOf {
  return Object.assign((feeds: Feeds) => within(file, () => planOf(feeds)), { made: planOf.made });
}

/** The graph in integer arithmetic, or in float if it has no operator for that. */
function runnableForm(graph: Graph): Graph {
  const upgraded = upgradeOpset(plannedOpset)(checkOps(graph));
  const integers = integerForm(upgraded);
  return hasIntegers(integers) ? integers : upgraded;
}
