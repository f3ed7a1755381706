// SiLU becomes HardSwish (convert_silu_to_hswish of vai_q_pytorch): a different function, for hardware without
// exponentials.
import { freshNames, producers, removeUnused, withNodes } from "../graph/edit.ts";
import type { Graph } from "../graph/graph.ts";
import { hardSwishOf, siluOf } from "../ops/patterns/silu.ts";

export function siluToHardSwish(graph: Graph): Graph {
  const makers = producers(graph);
  const fresh = freshNames(graph);
  const found = new Map(graph.nodes.flatMap((node) => {
    const x = siluOf(node, (name) => makers.get(name));
    return x === undefined ? [] : [[node, hardSwishOf(node, x, graph.opset, fresh)] as const];
  }));
  if (found.size === 0) return graph;
  return removeUnused(withNodes(graph, graph.nodes.flatMap((node) => found.get(node) ?? [node])));
}
