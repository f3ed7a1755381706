// The part of a graph that can be computed despite unknown operators: everything that does not depend on their
// results. Files keep unknown nodes.
import type { Graph, Name, Node } from "../graph/graph.ts";
import { usesOf } from "../graph/order.ts";
import { hasKnownOps } from "../ops/table.ts";

/** Nodes that cannot be computed, each with the unknown node that it depends on: itself or an earlier one. */
export function blockedNodes(graph: Graph): ReadonlyMap<Node, Node> {
  const blocked = new Map<Node, Node>();
  const makers = new Map<Name, Node>();
  for (const node of graph.nodes) {
    const unknown = hasKnownOps(node) ? blockerOf(node, makers) : node;
    if (!unknown) continue;
    blocked.set(node, unknown);
    for (const name of node.outputs) makers.set(name, unknown);
  }
  return blocked;
}

function blockerOf(node: Node, makers: ReadonlyMap<Name, Node>): Node | undefined {
  return usesOf(node).map((name) => makers.get(name)).find((maker) => maker !== undefined);
}

/** A value to compute, and where an unknown node reads it: the node's first output, and the index among its uses. */
export type KnownOutput = { readonly name: Name; readonly readBy?: readonly [output: Name, use: number] };

/** The outputs that can be computed; the others are replaced by the inputs of unknown nodes. */
export function knownOutputs(graph: Graph): KnownOutput[] {
  const blocked = blockedNodes(graph);
  if (blocked.size === 0) return graph.outputs.map((name) => ({ name }));
  const beyond = new Set([...blocked.keys()].flatMap(({ outputs }) => outputs));
  const made = new Set(graph.nodes.flatMap((node) => blocked.has(node) ? [] : node.outputs));
  const found = graph.outputs.filter((name) => !beyond.has(name)).map((name): KnownOutput => ({ name }));
  for (const node of new Set(blocked.values())) {
    usesOf(node).forEach((name, use) => {
      if (!made.has(name) || found.some((one) => one.name === name)) return;
      found.push({ name, readBy: [node.outputs[0], use] });
    });
  }
  return found;
}

/** The same values in another form of the graph, where names may differ; undefined if absent. */
export function sameOutputs(graph: Graph, wanted: readonly KnownOutput[]): (Name | undefined)[] {
  return wanted.map(({ name, readBy }) => {
    if (!readBy) return name;
    const node = graph.nodes.find(({ outputs }) => outputs[0] === readBy[0]);
    return node && usesOf(node)[readBy[1]];
  });
}

/** The graph with the outputs that can be computed. */
export function knownPart(graph: Graph): Graph {
  const outputs = knownOutputs(graph).map(({ name }) => name);
  return outputs.every((name, i) => name === graph.outputs[i]) && outputs.length === graph.outputs.length
    ? graph
    : { ...graph, outputs };
}
