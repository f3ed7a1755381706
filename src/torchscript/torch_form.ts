// The graph from which code is written: newest forms of operators, functions inlined, fused operators in their parts.
import type { Graph } from "../graph/graph.ts";
import { inlineFunctions } from "../passes/inline_functions.ts";
import { nameOutputs } from "../passes/name_outputs.ts";
import { unfuse } from "../passes/unfuse.ts";
import { newestForms, upgradeOpset } from "../passes/upgrade_opset.ts";

export function torchForm(graph: Graph): Graph {
  return nameOutputs(upgradeOpset(newestForms)(unfuse(inlineFunctions(graph))));
}
