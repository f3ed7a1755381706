// What of a graph can be computed where some operators are unknown: all that does not read their results. Files keep such
// nodes as they are.
import type { Graph, Name, Node } from "../graph/graph.ts";
import { usesOf } from "../graph/order.ts";
import { hasKnownOps } from "../ops/table.ts";

/** Nodes that cannot be computed, each with the unknown node it waits for: itself, or one whose results it reads. */
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

/** A value to be computed, and where an unknown node reads it: the node's first output, and which of its uses. */
export type KnownOutput = { readonly name: Name; readonly readBy?: readonly [output: Name, use: number] };

/** The outputs that can be computed, and in place of the others what unknown nodes read. */
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

/** The same values of another form of the graph, in which they may have other names; undefined where one is absent. */
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
