// Shape inference and constant folding in one walk: shapes depend on shape arithmetic (Shape, Gather, Concat, …),
// which is evaluated on the way. Values whose shapes depend on symbolic dimensions stay unknown until those are
// bound. Nodes of an older opset are evaluated in their newest form, which src/ops declares, but stay as they are in
// the graph.
import { within } from "../error.ts";
import { removeUnused, withNodes, withValues } from "../graph/edit.ts";
import {
  type Graph,
  type Name,
  type Node,
  nodeLabel,
  type StaticValue,
  staticValueOf,
  type Value,
} from "../graph/graph.ts";
import { dependsOnData, type Op } from "../ops/declare/op.ts";
import { findOp } from "../ops/table.ts";
import { expandComposites } from "./expand_composites.ts";
import { aloneGraph, type FoldBudget, foldNode, planSteps } from "./fold_constants.ts";
import { newestFormIn } from "./upgrade_opset.ts";

/** Infers all shapes that are determined and folds constant nodes within a budget of `steps`. */
export function inferShapes(graph: Graph, steps = planSteps): Graph {
  const budget = { steps };
  const known = new Map<Name, StaticValue>();
  for (const name of graph.values.keys()) {
    const value = staticValueOf(graph, name);
    if (value) known.set(name, value);
  }
  const kept: Node[] = [];
  const found: [Name, Value][] = [];
  const newestForm = newestFormIn(graph);
  for (const node of graph.nodes) {
    const form = newestForm(node);
    form?.constants.forEach((value, name) => known.set(name, value as StaticValue));
    for (const step of form?.nodes ?? []) {
      const op = findOp(step);
      const results = op && within(nodeLabel(node), () => resultsOf(step, op, known, budget));
      results?.slice(0, step.outputs.length).forEach((result, i) => {
        if (step.outputs[i] !== "") known.set(step.outputs[i], result);
      });
    }
    const results = node.outputs.filter((name) => name !== "").map((name) =>
      [name, known.get(name)] as const
    );
    for (const [name, result] of results) if (result) found.push([name, result]);
    if (!results.every(([, result]) => result?.constant)) kept.push(node);
  }
  return removeUnused(withValues(withNodes(graph, kept), found));
}

/** Whether the node is expanded before planning: then its own kernel is not meant for these inputs. */
function isExpanded(
  node: Node,
  op: Op,
  inputs: readonly (StaticValue | undefined)[],
  results: readonly StaticValue[],
): boolean {
  if (!op.expand || op.host) return false;
  if (!op.lower) return true;
  const alone = aloneGraph(node, inputs, results);
  return expandComposites(alone) !== alone;
}

function resultsOf(
  node: Node,
  op: Op,
  known: ReadonlyMap<Name, StaticValue>,
  budget: FoldBudget,
): StaticValue[] | undefined {
  const inputs = node.inputs.map((name) => name === "" ? undefined : known.get(name));
  if (node.inputs.some((name, i) => name !== "" && !inputs[i])) return undefined;
  if (op.nested.branch || op.nested.run || dependsOnData(op, node, inputs)) return undefined;
  const results = op.infer(inputs, node);
  const foldable = op.folds !== false && node.inputs.length > 0 &&
    inputs.every((input) => !input || input.constant);
  if (!foldable || results.every((result) => result.constant)) return results;
  // Composites are expanded first; their nodes are folded then.
  if (isExpanded(node, op, inputs, results)) return results;
  const tensors = foldNode(node, op, inputs, results, budget);
  return tensors?.map((constant) => ({ dtype: constant.dtype, shape: constant.shape, constant })) ?? results;
}
