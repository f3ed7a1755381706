// Constant nodes become constants of the graph, as initializers are: who looks for a weight finds either. Folding does the
// same where it runs; this alone leaves shapes and the arithmetic on them as they are.
import { constantOf, withNodes, withValues } from "../graph/edit.ts";
import type { Graph, Name, Value } from "../graph/graph.ts";

/** The graph itself where no Constant node holds a tensor that halftone reads. */
export function holdConstants(graph: Graph): Graph {
  const outputs = new Set(graph.outputs);
  const held = new Map<Name, Value>();
  for (const node of graph.nodes) {
    const constant = outputs.has(node.outputs[0]) ? undefined : constantOf(node);
    if (constant) held.set(node.outputs[0], { dtype: constant.dtype, shape: constant.shape, constant });
  }
  if (held.size === 0) return graph;
  return withValues(withNodes(graph, graph.nodes.filter(({ outputs: [name] }) => !held.has(name))), held);
}
