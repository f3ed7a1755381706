// Graph-level methods before calibration, in the order in which each helps the next.
import type { Graph } from "../graph/graph.ts";
import { equalize, type EqualizeForm } from "../passes/equalize.ts";
import { giveBiases } from "../passes/give_biases.ts";
import { siluToHardSwish } from "../passes/hard_swish.ts";
import { boundedClamps, openClamps } from "../passes/relu6.ts";
import { rewrite } from "../passes/rewrite.ts";
import { upgradeOpset } from "../passes/upgrade_opset.ts";
import type { Batches, Machine } from "../plan/machine.ts";
import { absorbBiases } from "./absorb.ts";
import type { BiasCorrection } from "./correct_bias.ts";
import { observe } from "./observe.ts";
import { smooth } from "./smooth.ts";

export const equalizeForms = ["vitis", "iterated"] as const satisfies readonly EqualizeForm[];
export const relu6Choices = ["keep", "safe", "always"] as const;

export type GraphMethods = {
  /** Whether clamps to [0, 6] become Relu: never, if no calibration sample exceeds 6, or always. */
  readonly relu6?: (typeof relu6Choices)[number];
  /** x · sigmoid(x) becomes HardSwish. */
  readonly hardSwish?: boolean;
  readonly equalize?: EqualizeForm;
  readonly biasCorrection?: BiasCorrection;
  /** SmoothQuant's α, 0 to 1. */
  readonly smooth?: number;
  /** The opset to raise the model to; absent: what the codes need. */
  readonly opset?: number;
};

/** Whether the methods change numbers or operators of the model. */
export function changesGraph(methods: GraphMethods): boolean {
  const { relu6 = "keep", hardSwish, equalize, biasCorrection, smooth, opset } = methods;
  return relu6 !== "keep" || Boolean(hardSwish) || Boolean(equalize) || Boolean(biasCorrection) ||
    smooth !== undefined || opset !== undefined;
}

/** Those of the methods that must see data before or after calibration, by their option names. */
export function needsData({ relu6, equalize, biasCorrection, smooth }: GraphMethods): string[] {
  const needs = {
    "relu6 safe": relu6 === "safe",
    "equalize iterated": equalize === "iterated",
    smooth: smooth !== undefined,
    biasCorrection: biasCorrection !== undefined,
  };
  return Object.entries(needs).flatMap(([name, isNeeded]) => isNeeded ? [name] : []);
}

export async function prepareLayers(
  graph: Graph,
  methods: GraphMethods,
  machine: Machine,
  batches: Batches,
): Promise<Graph> {
  const opened = methods.relu6 === "safe" ? await openSafely(graph, machine, batches) : graph;
  const rewritten = rewriteLayers(opened, methods);
  const absorbed = methods.equalize === "iterated"
    ? await absorbBiases(rewritten, machine, batches)
    : rewritten;
  return methods.smooth === undefined ? absorbed : smooth(absorbed, methods.smooth, machine, batches);
}

/** The part of `prepareLayers` that needs no data. */
export function rewriteLayers(graph: Graph, methods: GraphMethods): Graph {
  const { relu6, hardSwish, equalize: form, biasCorrection, opset = 0 } = methods;
  let result = opset > graph.opset ? rewrite(graph, { upgradeOpset: upgradeOpset(opset) }) : graph;
  if (hardSwish) result = rewrite(result, { siluToHardSwish });
  if (relu6 === "always") result = rewrite(result, { openClamps: openClamps() });
  if (form || biasCorrection) result = rewrite(result, { giveBiases });
  return form ? rewrite(result, { equalize: equalize(form) }) : result;
}

async function openSafely(graph: Graph, machine: Machine, batches: Batches): Promise<Graph> {
  const names = [...new Set(boundedClamps(graph).map(({ node }) => node.inputs[0]))];
  const seen = names.length ? await observe(graph, names, machine, batches) : new Map();
  const highest = new Map([...seen].map(([name, { high }]) => [name, high]));
  return rewrite(graph, { openClamps: openClamps(highest) });
}
