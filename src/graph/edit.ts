// Pure edits for passes: each returns a new graph that shares what did not change, `source` included.
import type { Tensor } from "../tensor/tensor.ts";
import { tensor } from "../tensor/tensor.ts";
import type { Attribute, Graph, Name, Node, Value } from "./graph.ts";
import { usesOf, valuesDefinedIn } from "./order.ts";

/** The graph with these nodes, which must be in topological order. */
export function withNodes(graph: Graph, nodes: readonly Node[]): Graph {
  return { ...graph, nodes };
}

/** The graph with some values added, replaced or (if the new value is undefined) removed. */
export function withValues(graph: Graph, changes: Iterable<readonly [Name, Value | undefined]>): Graph {
  const values = new Map(graph.values);
  for (const [name, value] of changes) {
    if (value) values.set(name, value);
    else values.delete(name);
  }
  return { ...graph, values };
}

/** The node that produces each value; graph inputs and constants have none. */
export function producers(graph: Graph): Map<Name, Node> {
  return new Map(
    graph.nodes.flatMap((node) =>
      node.outputs.filter((name) => name !== "").map((name) => [name, node] as const)
    ),
  );
}

/** The nodes that read each value, in order, each once; nested graphs count as the node that holds them. */
export function consumers(graph: Graph): Map<Name, Node[]> {
  const readers = new Map<Name, Node[]>();
  for (const node of graph.nodes) {
    for (const name of new Set(usesOf(node))) {
      const list = readers.get(name);
      if (list) list.push(node);
      else readers.set(name, [node]);
    }
  }
  return readers;
}

/** The node with every read of `from` (also in nested graphs) replaced by `to`. */
export function renameInput(node: Node, from: Name, to: Name): Node {
  if (!usesOf(node).includes(from)) return node;
  const inputs = node.inputs.map((name) => name === from ? to : name);
  const attributes = new Map(node.attributes);
  for (const [key, attribute] of node.attributes) {
    if (attribute.type === "graph") {
      attributes.set(key, { type: "graph", value: renameCapture(attribute.value, from, to) });
    }
  }
  return { ...node, inputs, attributes };
}

function renameCapture(graph: Graph, from: Name, to: Name): Graph {
  if (valuesDefinedIn(graph).has(from)) return graph;
  const outputs = graph.outputs.map((name) => name === from ? to : name);
  return { ...graph, outputs, nodes: graph.nodes.map((node) => renameInput(node, from, to)) };
}

/** A name that no value of the graph has: the stem, or the stem with the first free number. */
export function freshName(graph: Graph, stem: string): Name {
  return freshNames(graph)(stem);
}

/** `freshName` for many names: reads the graph once and never returns a name twice. */
export function freshNames(graph: Graph): (stem: string) => Name {
  return freshIn(namesIn(graph, new Set()));
}

/** The same for names of nodes, which runtimes expect to be unique, including nested graphs. */
export function freshNodeNames(graph: Graph): (stem: string) => string {
  return freshIn(nodeNamesIn(graph, new Set()));
}

function freshIn(taken: Set<string>): (stem: string) => string {
  const given = new Map<string, number>();
  return (stem) => {
    let name = stem;
    let number = given.get(stem) ?? 0;
    while (taken.has(name)) name = `${stem}_${++number}`;
    given.set(stem, number);
    taken.add(name);
    return name;
  };
}

function namesIn(graph: Graph, names: Set<Name>): Set<Name> {
  for (const list of [graph.inputs, graph.outputs, graph.values.keys()]) {
    for (const name of list) names.add(name);
  }
  for (const node of graph.nodes) {
    for (const name of [...node.inputs, ...node.outputs]) names.add(name);
    for (const attribute of node.attributes.values()) {
      if (attribute.type === "graph") namesIn(attribute.value, names);
    }
  }
  return names;
}

function nodeNamesIn(graph: Graph, names: Set<string>): Set<string> {
  for (const node of graph.nodes) {
    names.add(node.name);
    for (const attribute of node.attributes.values()) {
      if (attribute.type === "graph") nodeNamesIn(attribute.value, names);
    }
  }
  return names;
}

/** The graph without nodes and values that no output needs; inputs stay. */
export function removeUnused(graph: Graph): Graph {
  const needed = new Set(graph.outputs);
  const live: Node[] = [];
  for (const node of graph.nodes.toReversed()) {
    if (!node.outputs.some((name) => needed.has(name))) continue;
    live.push(node);
    for (const name of usesOf(node)) needed.add(name);
  }
  const known = new Set([...needed, ...graph.inputs, ...live.flatMap((node) => node.outputs)]);
  const values = new Map([...graph.values].filter(([name]) => known.has(name)));
  if (live.length === graph.nodes.length && values.size === graph.values.size) return graph;
  return { ...graph, nodes: live.reverse(), values };
}

/** `constant` for many names: reads the graph once. */
export function constantsIn(graph: Graph): (name: Name) => Tensor | undefined {
  const makers = producers(graph);
  return (name) => {
    const initializer = graph.values.get(name)?.constant;
    if (initializer) return readable(initializer);
    const node = makers.get(name);
    return node && constantOf(node);
  };
}

/**
 * The tensor of a constant value: an initializer or a Constant node. Undefined for other values, and for constants
 * that halftone cannot read (sparse, strings).
 */
export function constant(graph: Graph, name: Name): Tensor | undefined {
  const initializer = graph.values.get(name)?.constant;
  if (initializer) return readable(initializer);
  const node = graph.nodes.find((node) => node.outputs.includes(name));
  return node && constantOf(node);
}

/** The value of a Constant node; undefined for other nodes. Cheaper than `constant`. */
export function constantOf(node: Node): Tensor | undefined {
  if (node.opType !== "Constant" || node.domain !== "") return undefined;
  for (const [key, attribute] of node.attributes) if (key.startsWith("value")) return tensorIn(attribute);
  return undefined;
}

function tensorIn(attribute: Attribute): Tensor | undefined {
  switch (attribute.type) {
    case "tensor":
      return readable(attribute.value);
    case "int":
      return tensor("int64", [], [attribute.value]);
    case "float":
      return tensor("float32", [], [attribute.value]);
    case "ints":
      return tensor("int64", [attribute.value.length], attribute.value);
    case "floats":
      return tensor("float32", [attribute.value.length], attribute.value);
    default:
      return undefined;
  }
}

function readable(found: Tensor): Tensor | undefined {
  return found.dtype === "undefined" || found.dtype === "string" ? undefined : found;
}
