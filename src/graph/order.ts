// Order and scope: which values a node reads (nested graphs included) and a stable topological order.
import { ModelError } from "../error.ts";
import { type Graph, type Name, type Node, nodeLabel } from "./graph.ts";

/** The values a node reads: its inputs that are present, and values that its nested graphs read from outside. */
export function usesOf(node: Node): Name[] {
  const uses = node.inputs.filter((name) => name !== "");
  for (const attribute of node.attributes.values()) {
    if (attribute.type === "graph") uses.push(...capturesOf(attribute.value));
  }
  return uses;
}

/** The values that a nested graph reads but does not define. */
export function capturesOf(graph: Graph): Name[] {
  const local = valuesDefinedIn(graph);
  const captured = new Set<Name>();
  for (const node of graph.nodes) for (const name of usesOf(node)) if (!local.has(name)) captured.add(name);
  for (const name of graph.outputs) if (!local.has(name)) captured.add(name);
  return [...captured];
}

/** The values a graph defines itself: inputs, constants and what its nodes produce. */
export function valuesDefinedIn(graph: Graph): Set<Name> {
  const names = new Set(graph.inputs);
  for (const [name, value] of graph.values) if (value.constant) names.add(name);
  for (const node of graph.nodes) for (const name of node.outputs) if (name !== "") names.add(name);
  return names;
}

/**
 * The graph in topological order; itself if it is already. Stable: a node moves only to before the first that needs
 * it. ModelError names the nodes of a cycle.
 */
export function sortNodes(graph: Graph): Graph {
  const makers = new Map<Name, number>();
  graph.nodes.forEach((node, at) => node.outputs.forEach((name) => name !== "" && makers.set(name, at)));
  const needs = graph.nodes.map((node) => makersOf(usesOf(node), makers));
  if (needs.every((before, at) => before.every((other) => other < at))) return graph;
  const sorted: Node[] = [];
  const states = new Array<"new" | "open" | "done">(graph.nodes.length).fill("new");
  for (let root = 0; root < graph.nodes.length; root++) {
    // An explicit stack: a chain of 100,000 nodes in reverse order must not overflow the call stack.
    const stack = states[root] === "new" ? [{ at: root, next: 0 }] : [];
    while (stack.length > 0) {
      const top = stack[stack.length - 1];
      states[top.at] = "open";
      if (top.next === needs[top.at].length) {
        states[top.at] = "done";
        sorted.push(graph.nodes[top.at]);
        stack.pop();
        continue;
      }
      const before = needs[top.at][top.next++];
      if (states[before] === "open") throw cycleError(graph, stack.map(({ at }) => at), before);
      if (states[before] === "new") stack.push({ at: before, next: 0 });
    }
  }
  return { ...graph, nodes: sorted };
}

function makersOf(uses: readonly Name[], makers: ReadonlyMap<Name, number>): number[] {
  return [...new Set(uses.flatMap((name) => makers.get(name) ?? []))].sort((a, b) => a - b);
}

const shownNodes = 8;

function cycleError(graph: Graph, path: readonly number[], again: number): ModelError {
  // The walk goes backwards, so the cycle is reversed except for its first node.
  const cycle = [again, ...path.slice(path.indexOf(again) + 1).reverse()];
  const labels = cycle.slice(0, shownNodes).map((at) => nodeLabel(graph.nodes[at]));
  if (cycle.length > shownNodes) labels.push(`${cycle.length - shownNodes} more`);
  labels.push(labels[0]);
  return new ModelError(
    `Cannot order the nodes: ${labels.join(" → ")} is a cycle, expected a graph without cycles`,
  );
}
