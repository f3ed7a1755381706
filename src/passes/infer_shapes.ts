// Shape inference and constant folding in one walk: shapes can only be inferred where the arithmetic on shapes that
// exporters write (Shape, Gather, Concat, …) is evaluated on the way. Values whose inputs have no static shape yet stay
// unknown; bind the symbolic dimensions first to know them all.
import { within } from "../error.ts";
import { removeUnused, withNodes, withValues } from "../graph/edit.ts";
import { type Graph, type Name, type Node, nodeLabel, type Value } from "../graph/graph.ts";
import type { Known, Op } from "../ops/op.ts";
import { findOp } from "../ops/table.ts";
import { knownOf } from "../plan/fuse.ts";
import { type FoldBudget, foldedNode, planSteps } from "./fold_constants.ts";

/** Infers every shape that can be known and folds nodes of constants, `steps` of arithmetic at most. */
export function inferShapes(graph: Graph, steps = planSteps): Graph {
  const budget = { steps };
  const known = new Map<Name, Known>();
  for (const name of graph.values.keys()) {
    const value = knownOf(graph, name);
    if (value) known.set(name, value);
  }
  const kept: Node[] = [];
  const found: [Name, Value][] = [];
  for (const node of graph.nodes) {
    const op = findOp(node);
    const results = op && within(nodeLabel(node), () => resultsOf(node, op, known, budget));
    results?.slice(0, node.outputs.length).forEach((result, i) => {
      if (node.outputs[i] === "") return;
      known.set(node.outputs[i], result);
      found.push([node.outputs[i], result]);
    });
    if (!results?.every((result) => result.constant)) kept.push(node);
  }
  return removeUnused(withValues(withNodes(graph, kept), found));
}

function resultsOf(
  node: Node,
  op: Op,
  known: ReadonlyMap<Name, Known>,
  budget: FoldBudget,
): Known[] | undefined {
  const inputs = node.inputs.map((name) => name === "" ? undefined : known.get(name));
  if (node.inputs.some((name, i) => name !== "" && !inputs[i])) return undefined;
  if (op.branch || op.control || dependsOnData(op, node, inputs)) return undefined;
  const results = op.infer(inputs, node);
  const foldable = node.inputs.length > 0 && inputs.every((input) => !input || input.constant);
  // Composites are drawn first; what they draw is folded then.
  const drawn = op.expand && !op.lower && !op.host;
  if (!foldable || drawn || results.every((result) => result.constant)) return results;
  const tensors = foldedNode(node, op, inputs, results, budget);
  return tensors?.map((constant) => ({ dtype: constant.dtype, shape: constant.shape, constant })) ?? results;
}

/** A shape that arrives with the data cannot be inferred; the planner says so if it is really needed. */
export function dependsOnData(op: Op, node: Node, inputs: readonly (Known | undefined)[]): boolean {
  return op.fixed.some((index) => node.inputs[index] && !inputs[index]?.constant);
}
