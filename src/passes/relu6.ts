// Clamps to [0, end] become ReLUs, which are homogeneous. This changes the model's results if an activation exceeds
// the end, so `highest` says which never do.
import { withNodes } from "../graph/edit.ts";
import { type Graph, type Name, type Node, type Rewrite, staticValueOf } from "../graph/graph.ts";
import { unlimited } from "../ops/lowering/clamp.ts";
import { findOp } from "../ops/table.ts";

/** The clamps to [0, end]. */
export function boundedClamps(graph: Graph): { readonly node: Node; readonly end: number }[] {
  return graph.nodes.flatMap((node) => {
    const clamp = findOp(node)?.algebra.clamp?.(node.inputs.map((name) => staticValueOf(graph, name)), node);
    return clamp && clamp[0] === 0 && clamp[1] < unlimited ? [{ node, end: clamp[1] }] : [];
  });
}

/**
 * Removes the upper bound of clamps whose input never reaches it: `highest` has the largest value observed. Without
 * it, of all.
 */
export function openClamps(highest?: ReadonlyMap<Name, number>): Rewrite {
  return (graph) => {
    const opened = new Map(
      boundedClamps(graph)
        .filter(({ node, end }) => !highest || (highest.get(node.inputs[0]) ?? Infinity) <= end)
        .map(({ node }): [Node, Node] => [
          node,
          { ...node, opType: "Relu", inputs: [node.inputs[0]], attributes: new Map() },
        ]),
    );
    return opened.size === 0 ? graph : withNodes(graph, graph.nodes.map((node) => opened.get(node) ?? node));
  };
}
