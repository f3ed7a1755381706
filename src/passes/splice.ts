// Copies a graph's nodes into another graph: formal inputs and outputs get the names of actual values, inner values
// fresh names.
import type { Attribute, Graph, Name, Node, Value } from "../graph/graph.ts";

export type Spliced = { readonly nodes: readonly Node[]; readonly constants: readonly [Name, Value][] };

export type Splice = {
  /** The actual inputs; "" if absent. Values that the body reads from outside keep their names. */
  readonly inputs: readonly Name[];
  /** The actual outputs; "" if unused. */
  readonly outputs: readonly Name[];
  /** The prefix of inner names. */
  readonly prefix: string;
  readonly fresh: (stem: string) => Name;
  readonly freshNode: (stem: string) => string;
  /** For a function's body: the values of attributes that it references. */
  readonly attributes?: ReadonlyMap<string, Attribute | undefined>;
};

export function spliceBody(body: Graph, splice: Splice): Spliced {
  const names = new Map<Name, Name>([["", ""]]);
  body.inputs.forEach((name, i) => names.set(name, splice.inputs[i] ?? ""));
  const inner = new Set([...body.nodes.flatMap((node) => node.outputs), ...constantsOf(body)]);
  const outputs = new Set<Name>();
  const copies: { readonly from: Name; readonly to: Name }[] = [];
  body.outputs.forEach((name, i) => {
    const wanted = splice.outputs[i] ?? "";
    if (wanted === "") return;
    const produced = inner.has(name) && !body.values.get(name)?.constant;
    if (produced && !outputs.has(name)) names.set(name, wanted);
    else copies.push({ from: name, to: wanted });
    outputs.add(name);
  });
  for (const name of inner) {
    if (!names.has(name)) names.set(name, splice.fresh(`${splice.prefix}/${name}`));
  }
  const renaming: Renaming = { names, splice };
  const constants = constantsOf(body).map((
    name,
  ): [Name, Value] => [names.get(name)!, body.values.get(name)!]);
  const nodes = body.nodes.map((node) => renameNode(node, renaming));
  return {
    nodes: [...nodes, ...copies.map(({ from, to }) => copyNode(names.get(from) ?? from, to))],
    constants,
  };
}

type Renaming = { readonly names: ReadonlyMap<Name, Name>; readonly splice: Splice };

function constantsOf(graph: Graph): Name[] {
  return [...graph.values].flatMap(([name, { constant }]) => constant ? [name] : []);
}

/** For an output that is also an input, a constant, a captured value or another output. */
function copyNode(from: Name, to: Name): Node {
  return { opType: "Identity", domain: "", name: "", inputs: [from], outputs: [to], attributes: new Map() };
}

function renameNode(node: Node, renaming: Renaming): Node {
  const rename = (name: Name) => renaming.names.get(name) ?? name;
  const attributes = new Map<string, Attribute>();
  for (const [key, attribute] of node.attributes) {
    const value = renameAttribute(attribute, renaming);
    if (value) attributes.set(key, value);
  }
  const { prefix, freshNode } = renaming.splice;
  const name = node.name === "" ? "" : freshNode(`${prefix}/${node.name}`);
  return {
    ...node,
    name,
    inputs: node.inputs.map(rename),
    outputs: node.outputs.map(rename),
    attributes,
  };
}

function renameAttribute(attribute: Attribute, renaming: Renaming): Attribute | undefined {
  if (attribute.type === "graph") {
    return { type: "graph", value: renameGraph(attribute.value, renaming) };
  }
  if (attribute.type !== "reference" || !renaming.splice.attributes) return attribute;
  return renaming.splice.attributes.get(attribute.value);
}

/** Nested graphs read values of enclosing graphs; values that they define get fresh names, too. */
function renameGraph(graph: Graph, { names: outer, splice }: Renaming): Graph {
  const names = new Map(outer);
  const own = [...graph.inputs, ...constantsOf(graph), ...graph.nodes.flatMap((node) => node.outputs)];
  for (const name of own) if (name !== "") names.set(name, splice.fresh(`${splice.prefix}/${name}`));
  const rename = (name: Name) => names.get(name) ?? name;
  return {
    ...graph,
    inputs: graph.inputs.map(rename),
    outputs: graph.outputs.map(rename),
    values: new Map([...graph.values].map(([name, value]) => [rename(name), value])),
    nodes: graph.nodes.map((node) => renameNode(node, { names, splice })),
  };
}
