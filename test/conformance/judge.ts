// Judges one case on one machine: are the outputs as ONNX expects?
import { readFileSync } from "node:fs";
import { HalftoneError, ModelError } from "../../src/error.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { decodeModel } from "../../src/onnx/mod.ts";
import { runner } from "../../src/run/runner.ts";
import type { Machine } from "../../src/plan/machine.ts";
import { difference } from "./compare.ts";
import { type DataSet, dataSetsOf, modelPath } from "./vectors.ts";

export type Verdict = {
  readonly passed: boolean;
  /** One line, unless it passed. */
  readonly why?: string;
  /** The class of an error, such as `UnsupportedError`; absent if only the results were wrong. */
  readonly error?: string;
};

/** Runs a case and never throws. */
export async function judge(folder: string, machine: Machine): Promise<Verdict> {
  try {
    const graph = decodeModel(readFileSync(modelPath(folder)));
    for (const set of dataSetsOf(folder)) {
      const why = await whyWrong(graph, set, machine);
      if (why !== undefined) return { passed: false, why };
    }
    return { passed: true };
  } catch (error) {
    return { passed: false, ...describeError(error) };
  }
}

/** What is wrong with the outputs for one data set, or undefined. */
async function whyWrong(
  graph: Graph,
  { inputs, outputs }: DataSet,
  machine: Machine,
): Promise<string | undefined> {
  if (inputs.length !== graph.inputs.length) {
    const expected = `expected one for each of ${graph.inputs.length}`;
    throw new ModelError(`Cannot feed the model: there are data for ${inputs.length} inputs, ${expected}`);
  }
  const feeds = new Map(inputs.map((input, i) => [graph.inputs[i], input]));
  const run = runner(machine, graph);
  try {
    const found = await run(feeds);
    for (const [i, expected] of outputs.entries()) {
      const name = graph.outputs[i];
      const why = difference(found.get(name), expected);
      if (why !== undefined) return `output "${name}": ${why}`;
    }
  } finally {
    run.release();
  }
}

function describeError(error: unknown): { why: string; error: string } {
  const [first] = String(error instanceof Error ? error.message : error).split("\n");
  const name = error instanceof Error ? error.name : "Error";
  const where = error instanceof HalftoneError ? error.where : [name];
  return { why: where.length > 0 ? `${where.join(" › ")}: ${first}` : first, error: name };
}
