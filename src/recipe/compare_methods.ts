// Compares the quantized models of all range methods with the float one: one sweep to calibrate, one to evaluate.
import type { RangeMethod } from "../calibrate/solve.ts";
import { evaluateAll, type Evaluation } from "../evaluate/evaluate.ts";
import type { Graph } from "../graph/graph.ts";
import { plannedOpset, upgradeOpset } from "../passes/upgrade_opset.ts";
import type { Batches, Machine } from "../plan/machine.ts";
import { calibrateGraph, prepare, quantize } from "../recipe.ts";
import { optionsFor, type QuantizeOptions, recipeOf } from "./options.ts";
import { encodingsByMethod } from "./solve_ranges.ts";

export type Judged = { readonly method: RangeMethod; readonly evaluation: Evaluation };

/**
 * Evaluates the model quantized by each range method.
 *
 * ```ts
 * const rows = await compareMethods(model, data, data, machine);
 * for (const { method, evaluation } of rows) console.log(method, evaluation);
 * ```
 */
export async function compareMethods(
  graph: Graph,
  calibration: { readonly batches: Batches },
  judging: { readonly batches: Batches },
  machine: Machine,
  options: Partial<QuantizeOptions> = {},
): Promise<Judged[]> {
  const recipe = recipeOf(optionsFor(options), graph);
  const found = await calibrateGraph(graph, recipe, machine, calibration.batches);
  const all = encodingsByMethod(found, recipe);
  const quantized = all.map(({ encodings }) => upgradeOpset(plannedOpset)(quantize(found.graph, encodings)));
  const float = prepare(graph, plannedOpset);
  const evaluations = await evaluateAll(float, quantized, machine, judging.batches);
  return all.map(({ method }, i) => ({ method, evaluation: evaluations[i] }));
}
