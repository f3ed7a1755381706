// Turns results that an old-opset graph computes from constants into constants, so that weights are found as
// initializers. All other nodes keep their old form, including shape arithmetic.
import { removeUnused, withNodes, withValues } from "../graph/edit.ts";
import type { Graph, Name, Node, Value } from "../graph/graph.ts";
import { usesOf } from "../graph/order.ts";
import { findOp } from "../ops/table.ts";
import { weightSteps } from "./fold_constants.ts";
import { inferShapes } from "./infer_shapes.ts";
import { plannedOpset, upgradeOpset } from "./upgrade_opset.ts";

/** Returns the graph itself if nothing is computed from constants, or nothing that halftone supports. */
export function holdConstants(graph: Graph): Graph {
  const alone = constantResults(graph);
  if (alone.size === 0) return graph;
  const outputs = [...alone.keys()];
  const part = { ...graph, nodes: [...new Set(alone.values())], inputs: [], outputs };
  const folded = inferShapes(upgradeOpset(plannedOpset)(part), weightSteps);
  const held = new Map<Name, Value>();
  for (const name of outputs) {
    const value = folded.values.get(name);
    if (value?.constant) held.set(name, value);
  }
  const isHeld = ({ outputs }: Node) => outputs.every((name) => name === "" || held.has(name));
  const nodes = graph.nodes.filter((node) => !alone.has(node.outputs[0]) || !isHeld(node));
  if (nodes.length === graph.nodes.length) return graph;
  const gone = [...held].filter(([name]) => !nodes.some((node) => node.outputs.includes(name)));
  return removeUnused(withValues(withNodes(graph, nodes), gone));
}

/** Results of known operators that depend on constants only, except outputs of the graph, each with its node. */
function constantResults(graph: Graph): Map<Name, Node> {
  const found = new Map<Name, Node>();
  const isConstant = (name: Name) => name === "" || found.has(name) || graph.values.get(name)?.constant;
  for (const node of graph.nodes) {
    const known = findOp(node)?.domain === undefined && findOp(node) && node.outputs[0] !== "";
    if (!known || node.outputs.some((name) => graph.outputs.includes(name))) continue;
    if (usesOf(node).every(isConstant)) node.outputs.forEach((name) => name !== "" && found.set(name, node));
  }
  return found;
}
