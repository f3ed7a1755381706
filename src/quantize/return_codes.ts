// Outputs that have an encoding although nothing in the graph reads them are returned as their codes say: the device
// rounds them like every other result. Outputs that layers read as well are returned as floats.
import { consumers, freshNames, withNodes, withValues } from "../graph/edit.ts";
import type { Graph, Name, Node, Value } from "../graph/graph.ts";
import type { Encodings } from "./encoding.ts";

/**
 * The graph with such outputs as copies of inner values, the encodings with the names of these, and the rewrite that
 * takes the copies away once encodings are inserted.
 */
export function returnCodes(graph: Graph, encodings: Encodings): {
  readonly graph: Graph;
  readonly encodings: Encodings;
  readonly finish: (quantized: Graph) => Graph;
} {
  const readers = consumers(graph);
  const fresh = freshNames(graph);
  const made = new Set(graph.nodes.flatMap(({ outputs }) => outputs));
  const inner = new Map(
    graph.outputs.filter((name) => made.has(name) && encodings.has(name) && !readers.has(name))
      .map((name) => [name, fresh(`${name}_result`)] as const),
  );
  if (inner.size === 0) return { graph, encodings, finish: (same) => same };
  const nameOf = (name: Name) => inner.get(name) ?? name;
  const nodes = graph.nodes.map((node) => ({ ...node, outputs: node.outputs.map(nameOf) }));
  const copies = [...inner].map(([name, from]): Node => ({
    opType: "Identity",
    domain: "",
    name: "",
    inputs: [from],
    outputs: [name],
    attributes: new Map(),
  }));
  const values = [...inner].flatMap(([name, from]): [Name, Value][] => {
    const value = graph.values.get(name);
    return value ? [[from, value]] : [];
  });
  return {
    graph: withValues(withNodes(graph, [...nodes, ...copies]), values),
    encodings: new Map([...encodings].map(([name, one]) => [nameOf(name), one])),
    finish: (quantized) => withoutCopies(quantized, inner),
  };
}

/** The node that a copy reads writes the output itself. */
function withoutCopies(quantized: Graph, inner: ReadonlyMap<Name, Name>): Graph {
  const copies = quantized.nodes.filter(({ opType, outputs }) =>
    opType === "Identity" && inner.has(outputs[0])
  );
  const written = new Map(copies.map(({ inputs, outputs }) => [inputs[0], outputs[0]]));
  const nodes = quantized.nodes.filter((node) => !copies.includes(node)).map((node) => ({
    ...node,
    outputs: node.outputs.map((name) => written.get(name) ?? name),
  }));
  return withValues(withNodes(quantized, nodes), [...written.keys()].map((name) => [name, undefined]));
}
