// The graph that a machine runs for a model.
import type { Graph } from "../graph/graph.ts";
import { checkOps } from "../ops/table.ts";
import { codeBiases } from "./code_biases.ts";
import { hasIntegers, integerForm } from "./integer_form.ts";
import { plannedOpset, upgradeOpset } from "./upgrade_opset.ts";

/** The graph in integer arithmetic, or in float if it has no operator for that. */
export function runnableForm(graph: Graph): Graph {
  const upgraded = upgradeOpset(plannedOpset)(checkOps(graph));
  const integers = integerForm(codeBiases(upgraded));
  return hasIntegers(integers) ? integers : upgraded;
}
