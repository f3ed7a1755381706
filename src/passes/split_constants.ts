// Encodings belong to values, so a constant that its readers would encode differently becomes one constant per
// reader. A bias has the scale of the layer that adds it; a weight has its layer's axis and a scale that the layer's
// bias may widen; float readers keep the original.
import { freshNames, withNodes, withValues } from "../graph/edit.ts";
import type { Graph, Name, Node, Value } from "../graph/graph.ts";
import { usesOf } from "../graph/order.ts";
import { findOp } from "../ops/table.ts";

/**
 * The reader of a constant with its own encoding: the first output of a layer. `float`: all that compute in float,
 * the caller and nested graphs. `moves`: nodes that move elements, with any encoding.
 */
type Reader = Name | typeof float | typeof moves;
const float = Symbol("float");
const moves = Symbol("moves");

/**
 * The graph with a separate weight and bias for every layer; itself if that holds already. Copies share the
 * original's tensor, so that plans load it once and `insertQdq` writes equal codes once. Float readers, else the
 * first layer, keep the original's name.
 */
export function splitConstants(graph: Graph): Graph {
  const names = namesByReader(graph, readersIn(graph));
  if (names.size === 0) return graph;
  const added = [...names].flatMap(([name, byReader]) =>
    [...new Set(byReader.values())].filter((copy) => copy !== name)
      .map((copy): [Name, Value] => [copy, graph.values.get(name)!])
  );
  const nodes = graph.nodes.map((node): Node => {
    if (!node.inputs.some((name) => names.has(name))) return node;
    const inputs = node.inputs.map((name, i) => names.get(name)?.get(readerOf(graph, node, i)) ?? name);
    return { ...node, inputs };
  });
  return withValues(withNodes(graph, nodes), added);
}

type Readers = { readonly all: Set<Reader>; shareable?: Name };

/** The readers of every constant, in order; `shareable` are layers without a bias, whose scales nothing widens. */
function readersIn(graph: Graph): Map<Name, Readers> {
  const found = new Map<Name, Readers>();
  const add = (name: Name, reader: Reader, hasBias = true) => {
    if (!graph.values.get(name)?.constant) return;
    const readers = found.get(name) ?? { all: new Set() };
    found.set(name, readers);
    readers.all.add(reader);
    if (typeof reader === "string" && !hasBias) readers.shareable ??= reader;
  };
  for (const name of graph.outputs) add(name, float);
  for (const node of graph.nodes) {
    for (const name of usesOf({ ...node, inputs: [] })) add(name, float);
    const role = findOp(node)?.role;
    const hasBias = role?.kind === "computes" && Boolean(node.inputs[role.bias ?? -1]);
    node.inputs.forEach((name, i) => add(name, readerOf(graph, node, i), hasBias));
  }
  return found;
}

/** For each constant to split, the new name by reader. */
function namesByReader(graph: Graph, found: ReadonlyMap<Name, Readers>): Map<Name, Map<Reader, Name>> {
  const fresh = freshNames(graph);
  const names = new Map<Name, Map<Reader, Name>>();
  for (const [name, { all, shareable = float }] of found) {
    const own = new Set([...all].map((reader) => reader === moves ? shareable : reader));
    if (own.size < 2) continue;
    const keeper = own.has(float) ? float : [...own][0];
    const byReader = new Map<Reader, Name>();
    for (const reader of own) byReader.set(reader, reader === keeper ? name : fresh(`${name}_copy`));
    if (all.has(moves)) byReader.set(moves, byReader.get(shareable)!);
    names.set(name, byReader);
  }
  return names;
}

function readerOf({ values }: Graph, node: Node, input: number): Reader {
  const role = findOp(node)?.role;
  if (role?.kind === "carries" && input === 0) return moves;
  if (role?.kind !== "computes" || (input !== role.weight && input !== role.bias)) return float;
  const { dtype = "float32" } = values.get(node.inputs[0]) ?? {};
  return dtype === "float32" && values.get(node.inputs[role.weight])?.constant ? node.outputs[0] : float;
}
