// Divides graphs that cannot be one plan despite known input shapes: some nodes have shapes that depend on data,
// others run on the host only. Such nodes wait; the values that they need are planned first.
import { UnsupportedError } from "../error.ts";
import { producers, removeUnused, withNodes } from "../graph/edit.ts";
import { type Graph, type Name, type Node, nodeLabel, staticValueOf } from "../graph/graph.ts";
import { usesOf } from "../graph/order.ts";
import { opOf } from "../ops/table.ts";
import { elementCount } from "../tensor/shape.ts";

export type Cut = {
  /**
   * A graph of the values that waiting nodes need, which can be planned; undefined if there is nothing to compute.
   */
  readonly ready?: Graph;
  /** Nodes that the host runs after that, in order. */
  readonly hosted: readonly Node[];
  /** All other nodes. Its inputs come from the graph's inputs, from `ready` and from `hosted`; it may have none. */
  readonly rest: Graph;
};

/** The first node that prevents the graph from being one plan, or undefined. */
export function firstWaiting(graph: Graph): Node | undefined {
  return graph.nodes.find((node) => waits(graph, node));
}

function waits(graph: Graph, node: Node): boolean {
  const { lower, expand, planning } = opOf(node);
  const planned = lower || planning.views || expand;
  return !planned || node.outputs.some((name) => name !== "" && !staticValueOf(graph, name));
}

/** Whether the host runs the node; otherwise its shapes are known once its `constantInputs` are. */
export function isHosted(node: Node): boolean {
  const { host, nested } = opOf(node);
  return host !== undefined || nested.run !== undefined;
}

/** Inputs whose elements are required for planning a node, but unknown. */
function undecidedInputs(graph: Graph, node: Node): Name[] {
  const names = opOf(node).constantInputs.map((index) => node.inputs[index] ?? "");
  return names.filter((name) => name !== "" && !graph.values.get(name)?.constant);
}

/** Inputs with more elements than this are data, not shapes. */
const mostElements = 4096;
/** Integers in lists up to this length are sizes, positions and pads; longer lists may be data. */
const mostSizes = 16;

/**
 * Inputs of the graph whose contents decide shapes (Reshape's shape, Slice's starts, as inputs of the model): those
 * that a waiting node reads as `constantInputs`, and lists of sizes from which these are computed.
 */
export function decidingInputs(graph: Graph, includesHosted: boolean): Name[] {
  const makers = producers(graph);
  const inputs = new Set(graph.inputs);
  const isSizes = (name: Name) => {
    const { dtype = "float32", shape = [0, 0] } = staticValueOf(graph, name) ?? {};
    return /int|bool/.test(dtype) && shape.length <= 1 && elementCount(shape) <= mostSizes;
  };
  const ofData = valuesReachedFrom(graph, graph.inputs.filter((name) => !isSizes(name)));
  const deciding = new Set<Name>();
  const ofSizes: Name[] = [];
  for (const node of graph.nodes) {
    if (!waits(graph, node) || (isHosted(node) && !includesHosted)) continue;
    for (const name of undecidedInputs(graph, node)) {
      if (inputs.has(name)) {
        checkSize(node, name, elementCount(staticValueOf(graph, name)?.shape ?? []));
        deciding.add(name);
      } else if (!ofData.has(name)) {
        ofSizes.push(name);
      }
    }
  }
  for (const name of sourcesOf(ofSizes, makers)) if (inputs.has(name)) deciding.add(name);
  return graph.inputs.filter((name) => deciding.has(name));
}

/** These values and all computed from them. */
function valuesReachedFrom(graph: Graph, names: readonly Name[]): Set<Name> {
  const found = new Set(names);
  for (const node of graph.nodes) {
    if (usesOf(node).some((name) => found.has(name))) node.outputs.forEach((name) => found.add(name));
  }
  return found;
}

/** These values and all they are computed from. */
function sourcesOf(names: readonly Name[], makers: ReadonlyMap<Name, Node>): Set<Name> {
  const found = new Set(names);
  for (const one of found) {
    const maker = makers.get(one);
    if (maker) { for (const use of usesOf(maker)) found.add(use); }
  }
  return found;
}

function checkSize(node: Node, name: Name, count: number) {
  if (count <= mostElements) return;
  throw new UnsupportedError(
    `Cannot plan: shapes depend on the ${count} elements of "${name}", expected at most ${mostElements}`,
    { where: [nodeLabel(node)] },
  );
}

/** Cuts the graph before its waiting nodes. */
export function cutGraph(graph: Graph): Cut {
  const { early, due } = frontOf(graph);
  const needs = due.flatMap((node) => isHosted(node) ? usesOf(node) : undecidedInputs(graph, node));
  const computed = new Set([...early].flatMap((node) => node.outputs));
  // Outputs that can be computed now are, so that reductions need not wait for the host.
  const asked = [...new Set([...needs, ...graph.outputs])];
  const first = removeUnused({ ...graph, outputs: asked.filter((name) => computed.has(name)) });
  const hosted = due.filter(isHosted);
  if (first.nodes.length === 0 && hosted.length === 0) throw stuck(graph);
  const done = new Set([...first.nodes, ...hosted]);
  const left = withNodes(graph, graph.nodes.filter((node) => !done.has(node)));
  const wanted = new Set([...left.nodes.flatMap(usesOf), ...graph.outputs, ...needs]);
  const outputsOf = (nodes: readonly Node[]) =>
    nodes.flatMap((node) => node.outputs).filter((name) => name !== "" && wanted.has(name));
  const given = [...graph.inputs, ...outputsOf(first.nodes), ...outputsOf(hosted)];
  const outputs = graph.outputs.filter((name) => !given.includes(name));
  const rest = removeUnused({ ...left, inputs: given, outputs });
  const read = new Set([...rest.nodes.flatMap(usesOf), ...outputs]);
  return {
    ready: first.nodes.length > 0 ? { ...first, outputs: outputsOf(first.nodes) } : undefined,
    hosted,
    rest: { ...rest, inputs: given.filter((name) => read.has(name)) },
  };
}

/**
 * Divides a graph so that no node of a part needs results that the host computes or decides in the same part. Each
 * part is then specialized once, when its inputs are available, so that chains of conditions take linear time.
 * Constants stay with their readers.
 */
export function partsOf(graph: Graph): Graph[] {
  const madeIn = new Map<Name, number>();
  const lastReader = new Map<Name, number>();
  const parts: Node[][] = [];
  for (const node of graph.nodes) {
    const uses = usesOf(node);
    // A condition must be known before its branch can be planned.
    const conditions = new Set(opOf(node).nested.branch ? undecidedInputs(graph, node) : []);
    const readyIn = (name: Name) =>
      (madeIn.get(name) ?? 0) + (conditions.has(name) && madeIn.has(name) ? 1 : 0);
    const part = uses.reduce((most, name) => Math.max(most, readyIn(name)), 0);
    for (const name of uses) lastReader.set(name, Math.max(part, lastReader.get(name) ?? 0));
    for (const name of node.outputs) madeIn.set(name, isHosted(node) ? part + 1 : part);
    (parts[part] ??= []).push(node);
  }
  if (parts.length < 2) return [graph];
  for (const name of graph.outputs) lastReader.set(name, parts.length);
  return parts.map((nodes, part) => partWith(graph, nodes, (name) => lastReader.get(name)! > part));
}

function partWith(graph: Graph, nodes: readonly Node[], isReadLater: (name: Name) => boolean): Graph {
  const made = new Set(nodes.flatMap(({ outputs }) => outputs));
  const read = [...new Set(nodes.flatMap(usesOf))];
  const names = [...read, ...made].filter((name) => graph.values.has(name));
  return {
    ...graph,
    nodes,
    values: new Map(names.map((name) => [name, graph.values.get(name)!])),
    inputs: read.filter((name) => !made.has(name) && !graph.values.get(name)?.constant),
    outputs: [...made].filter((name) => name !== "" && isReadLater(name)),
  };
}

/** `early`: nodes that can be planned now. `due`: waiting nodes whose inputs are early, or graph inputs. */
function frontOf(graph: Graph): { early: Set<Node>; due: Node[] } {
  const available = new Set(graph.inputs);
  const early = new Set<Node>();
  const due: Node[] = [];
  const isThere = (name: Name) => available.has(name) || graph.values.get(name)?.constant !== undefined;
  for (const node of graph.nodes) {
    if (waits(graph, node)) {
      const needs = isHosted(node) ? usesOf(node) : undecidedInputs(graph, node);
      if ((isHosted(node) || needs.length > 0) && needs.every(isThere)) due.push(node);
    } else if (usesOf(node).every(isThere)) {
      early.add(node);
      node.outputs.forEach((name) => available.add(name));
    }
  }
  return { early, due };
}

function stuck(graph: Graph): UnsupportedError {
  const node = firstWaiting(graph)!;
  return new UnsupportedError("Cannot plan this node: its shapes are not known, expected known ones", {
    where: [nodeLabel(node)],
  });
}
