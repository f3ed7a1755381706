// Every method's quantized model beside the float one: one calibration sweep, one sweep over the data to judge them.
import type { RangeMethod } from "../calibrate/solve.ts";
import { evaluateAll, type Evaluation } from "../evaluate/evaluate.ts";
import { ModelError } from "../error.ts";
import type { Graph } from "../graph/graph.ts";
import { rewrite } from "../passes/rewrite.ts";
import { downgradeOps } from "../passes/unfuse.ts";
import { plannedOpset, upgradeOpset } from "../passes/upgrade_opset.ts";
import type { Batches, Machine } from "../plan/machine.ts";
import type { Encodings } from "../quantize/encoding.ts";
import { type CodeStorage, fitsHalfBytes, insertQdq } from "../quantize/insert_qdq.ts";
import { nibbleOpset } from "../quantize/target.ts";
import { calibrateGraph, encodingsByMethod, prepare, prepareFor } from "../recipe.ts";
import { optionsFor, type QuantizeOptions, recipeOf } from "./options.ts";

/**
 * The quantized model: the float graph with QuantizeLinear and DequantizeLinear nodes for these encodings. `graph` may be
 * the model as loaded or the calibration's. Weights of at most 4 bits are stored two a byte, which raises the opset to 21,
 * unless `storage` is "bytes".
 * @throws ModelError when an encoding names a value that the model does not have; UnsupportedError when the opset cannot
 * be raised.
 *
 * ```ts
 * const quantized = quantize(calibration.graph, calibration.encodings);
 * ```
 */
export function quantize(graph: Graph, encodings: Encodings, storage: CodeStorage = "packed"): Graph {
  const prepared = prepareFor(encodings, graph);
  // What needs no data any more, such as a layer of which only the shape is read, is gone without its codes being missed.
  const known = new Set([graph, prepared].flatMap(({ nodes, values }) => [
    ...nodes.flatMap(({ outputs }) => outputs),
    ...values.keys(),
  ]));
  for (const name of encodings.keys()) {
    if (known.has(name)) continue;
    throw new ModelError(`Cannot quantize: the encodings name "${name}", which the model does not have`);
  }
  const packs = storage === "packed" &&
    [...encodings].some(([name, one]) => fitsHalfBytes(one) && prepared.values.get(name)?.constant);
  const upgrade = upgradeOpset(packs ? nibbleOpset : prepared.opset);
  return rewrite(prepared, { upgrade, insertQdq: insertQdq(encodings, storage), downgradeOps });
}

export type Judged = { readonly method: RangeMethod; readonly evaluation: Evaluation };

/**
 * How the model does by each method.
 *
 * ```ts
 * for (const { method, evaluation } of await compareMethods(model, data, data, machine)) console.log(method, evaluation);
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
