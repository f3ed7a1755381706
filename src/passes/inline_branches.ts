// Replaces nodes whose condition is constant by the nodes of the selected graph.
import { within } from "../error.ts";
import { constantsIn, freshNames, freshNodeNames, withNodes, withValues } from "../graph/edit.ts";
import { type Graph, type Name, type Node, nodeLabel, type StaticValue, type Value } from "../graph/graph.ts";
import { findOp } from "../ops/table.ts";
import { inferShapes } from "./infer_shapes.ts";
import { spliceBody } from "./splice.ts";

/** Returns the graph itself if no branch is decided. */
export function inlineBranches(graph: Graph): Graph {
  if (!graph.nodes.some((node) => findOp(node)?.nested.branch)) return graph;
  const [fresh, freshNode] = [freshNames(graph), freshNodeNames(graph)];
  const constantOf = constantsIn(graph);
  const constants: [Name, Value][] = [];
  const inline = (node: Node): readonly Node[] => {
    const body = within(nodeLabel(node), () => branchOf(constantOf, node));
    if (!body) return [node];
    const prefix = node.name || node.outputs.find((name) => name !== "") || node.opType;
    const parts = spliceBody(body, { inputs: [], outputs: node.outputs, prefix, fresh, freshNode });
    constants.push(...parts.constants);
    return parts.nodes;
  };
  const nodes = graph.nodes.flatMap(inline);
  if (nodes.length === graph.nodes.length && nodes.every((node, i) => node === graph.nodes[i])) return graph;
  return withValues(withNodes(graph, nodes), constants);
}

/** Inlines branches that inferred shapes decide, repeatedly. */
export function decideBranches(graph: Graph): Graph {
  const inlined = inlineBranches(graph);
  return inlined === graph ? graph : decideBranches(inferShapes(inlined));
}

function branchOf(constantOf: ReturnType<typeof constantsIn>, node: Node): Graph | undefined {
  const known = node.inputs.map((name): StaticValue | undefined => {
    const found = constantOf(name);
    return found && { dtype: found.dtype, shape: found.shape, constant: found };
  });
  return findOp(node)?.nested.branch?.(known, node);
}
