// Names unused outputs ("" in a file) if used ones follow, so that operators see their outputs by index; trailing
// ones are dropped.
import { freshNames, withNodes } from "../graph/edit.ts";
import type { Graph } from "../graph/graph.ts";

export function nameOutputs(graph: Graph): Graph {
  if (!graph.nodes.some((node) => node.outputs.includes(""))) return graph;
  const fresh = freshNames(graph);
  const nodes = graph.nodes.map((node) => {
    const count = node.outputs.findLastIndex((name) => name !== "") + 1;
    const outputs = node.outputs.slice(0, count).map((name, i) =>
      name || fresh(`${node.outputs[count - 1]}_${i}`)
    );
    return node.outputs.includes("") ? { ...node, outputs } : node;
  });
  return withNodes(graph, nodes);
}
