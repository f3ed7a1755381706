// The graph-level methods before calibration, in the order in which each helps the next.
import type { Graph } from "../graph/graph.ts";
import { equalize, type EqualizeForm } from "../passes/equalize.ts";
import { giveBiases } from "../passes/give_biases.ts";
import { boundedClamps, openClamps } from "../passes/relu6.ts";
import { rewrite } from "../passes/rewrite.ts";
import type { Batches, Machine } from "../plan/machine.ts";
import { absorbBiases } from "./absorb.ts";
import type { BiasCorrection } from "./correct_bias.ts";
import { observe } from "./observe.ts";
import { smooth } from "./smooth.ts";

export const equalizeForms = ["vitis", "iterated"] as const satisfies readonly EqualizeForm[];
export const relu6Choices = ["keep", "safe", "always"] as const;

export type GraphMethods = {
  /** Clamps to [0, 6] become Relu: where no calibration sample exceeds the end (`safe`), or always; `keep`. */
  readonly relu6?: (typeof relu6Choices)[number];
  readonly equalize?: EqualizeForm;
  readonly biasCorrection?: BiasCorrection;
  /** SmoothQuant's α, 0 to 1. */
  readonly smooth?: number;
};

/** Whether the graph that is quantized has other numbers than the model. */
export function changesGraph({ relu6 = "keep", equalize, biasCorrection, smooth }: GraphMethods): boolean {
  return relu6 !== "keep" || Boolean(equalize) || Boolean(biasCorrection) || smooth !== undefined;
}

export async function prepareLayers(
  graph: Graph,
  asked: GraphMethods,
  machine: Machine,
  batches: Batches,
): Promise<Graph> {
  let result = graph;
  if (asked.relu6 === "always") result = rewrite(result, { openClamps: openClamps() });
  if (asked.relu6 === "safe") {
    const names = [...new Set(boundedClamps(result).map(({ node }) => node.inputs[0]))];
    const seen = names.length ? await observe(result, names, machine, batches) : new Map();
    const highest = new Map([...seen].map(([name, { high }]) => [name, high]));
    result = rewrite(result, { openClamps: openClamps(highest) });
  }
  if (asked.equalize || asked.biasCorrection) result = rewrite(result, { giveBiases });
  if (asked.equalize) result = rewrite(result, { equalize: equalize(asked.equalize) });
  if (asked.equalize === "iterated") result = await absorbBiases(result, machine, batches);
  if (asked.smooth !== undefined) result = await smooth(result, asked.smooth, machine, batches);
  return result;
}
