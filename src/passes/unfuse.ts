// Fused operators, as ONNX Runtime's optimizer writes them, become the operators that were fused, so that every later
// pass sees ONNX's own and layers are quantized. Unlike composites, they are replaced while shapes may be symbolic.
import type { Graph, Name, Node } from "../graph/graph.ts";
import type { OpenBuilder } from "../ops/declare/builder.ts";
import type { Op } from "../ops/declare/op.ts";
import { findOp } from "../ops/table.ts";
import type { Keeps } from "./recognize.ts";
import { replaceNodes } from "./replace_nodes.ts";

/** The graph with fused nodes replaced by their parts, except those to keep. */
export function unfuse(graph: Graph, keeps: Keeps = () => false): Graph {
  const replaced = replaceOpen(graph, (op, node) => keeps(node, false) ? undefined : op.unfuse);
  return replaced === graph ? graph : unfuse(replaced, keeps);
}

/** Whether `unfuse` replaces this node. */
export function isFused(node: Node): boolean {
  return findOp(node)?.unfuse !== undefined;
}

/**
 * Replaces operators that are newer than the graph's opset (recognized patterns, and forms that only ONNX Runtime has
 * that early) by older ones, so that the file loads wherever its opset does; and operators that ONNX Runtime has no
 * kernel for.
 */
export function downgradeOps(graph: Graph): Graph {
  const downgradeOf = (node: Node) => {
    const op = findOp(node);
    return op && (op.runtime.missing || op.since > graph.opset) ? op.downgrade : undefined;
  };
  const replaced = replaceOpen(graph, (_, node) => downgradeOf(node));
  return replaced === graph ? graph : downgradeOps(replaced);
}

/** The layer keeps the name, so that rules about names still find it. */
function heir(added: readonly Node[]): Node | undefined {
  return added.find((node) => findOp(node)?.role.kind === "computes") ?? added.at(-1);
}

function replaceOpen(
  graph: Graph,
  expansionOf: (op: Op, node: Node) => ((builder: OpenBuilder, node: Node) => boolean | void) | undefined,
): Graph {
  const inputOf = (name: Name) => name === "" ? undefined : { ...graph.values.get(name), name };
  return replaceNodes(graph, (node) => {
    const op = findOp(node);
    const expansion = op && expansionOf(op, node);
    const open = { inputs: node.inputs.map(inputOf), opset: graph.opset };
    return expansion && ((builder) => expansion({ ...open, ...builder }, node));
  }, heir);
}
