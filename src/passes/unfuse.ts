// Fused operators, as ONNX Runtime's optimizer writes them, become the operators that were fused: so every later pass
// meets ONNX's own, and what computes gets codes. Unlike composites, they are drawn while shapes are open.
import type { Graph, Name, Node } from "../graph/graph.ts";
import type { Op } from "../ops/declare/op.ts";
import type { OpenSketch } from "../ops/drawing/sketch.ts";
import { findOp } from "../ops/table.ts";
import type { Keeps } from "./recognize.ts";
import { type Paper, redrawn } from "./redraw.ts";

/** The graph with fused nodes taken apart, save those to keep; drawings are in the forms of src/ops. */
export function unfuse(graph: Graph, keeps: Keeps = () => false): Graph {
  const drawn = redrawnOpen(graph, (op, node) => keeps(node, false) ? undefined : op.unfuse);
  return drawn === graph ? graph : unfuse(drawn, keeps);
}

/** Whether `unfuse` finds something. */
export function isFused(node: Node): boolean {
  return findOp(node)?.unfuse !== undefined;
}

/**
 * Operators that are younger than the graph's opset become older ones: what halftone calls by one name (a fold of a
 * pattern, or a form that ONNX Runtime alone knows that early) loads wherever the opset does. So do those that ONNX Runtime
 * has no kernel for.
 */
export function spellOut(graph: Graph): Graph {
  const young = (node: Node) => {
    const op = findOp(node);
    return op && (op.runtime.missing || op.since > graph.opset) ? op.downgrade : undefined;
  };
  const drawn = redrawnOpen(graph, (_, node) => young(node));
  return drawn === graph ? graph : spellOut(drawn);
}

/** What computes keeps the name, so that rules about names still find it. */
function heir(drawn: readonly Node[]): Node | undefined {
  return drawn.find((node) => findOp(node)?.role.kind === "computes") ?? drawn.at(-1);
}

type Draw = ((sketch: OpenSketch, node: Node) => boolean | void) | undefined;

function redrawnOpen(graph: Graph, drawOf: (op: Op, node: Node) => Draw): Graph {
  const inputOf = (name: Name) => name === "" ? undefined : { ...graph.values.get(name), name };
  return redrawn(graph, (node) => {
    const op = findOp(node);
    const draw = op && drawOf(op, node);
    const given = { inputs: node.inputs.map(inputOf), opset: graph.opset };
    return draw && ((paper: Paper) => draw({ ...given, ...paper }, node));
  }, heir);
}
