// Nodes in double precision: devices compute in float32, so float64 layers are refused; other float64 nodes are not
// quantized.
import { UnsupportedError } from "../error.ts";
import { constant } from "../graph/edit.ts";
import { type Graph, type Name, nodeLabel } from "../graph/graph.ts";
import { findOp } from "../ops/table.ts";
import { converts, elementTypes } from "./element_types.ts";

/** First outputs of the nodes that read or produce float64, except Casts. */
export function nodesOfDoubles(graph: Graph): Set<Name> {
  const types = elementTypes(graph).get(graph)!;
  const found = graph.nodes.filter((node) =>
    !converts(node, graph.opset) &&
    [...node.inputs, ...node.outputs].some((name) => types.get(name) === "float64")
  );
  return new Set(found.map((node) => node.outputs[0]));
}

/** The graph itself; UnsupportedError naming float64 layers. */
export function refuseDoubles(graph: Graph): Graph {
  const doubles = nodesOfDoubles(graph);
  const layers = graph.nodes.filter((node) =>
    doubles.has(node.outputs[0]) && findOp(node)?.role.kind === "computes" && !constant(graph, node.inputs[0])
  );
  if (layers.length === 0) return graph;
  const [first, ...others] = layers;
  const all = others.length > 0 ? `it and ${others.length} more layers compute` : "it computes";
  throw new UnsupportedError(
    `Cannot process ${nodeLabel(first)}: ${all} in float64, expected float32; export the model in float32`,
  );
}
