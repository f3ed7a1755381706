// What is reconstructed at once: a layer with the sum and the clamp that follow it, or a block, which is what lies between
// two values that everything passes through (a residual block of 2102.05426).
import { consumers } from "../graph/edit.ts";
import type { Graph, Name, Node } from "../graph/graph.ts";
import { usesOf } from "../graph/order.ts";
import { findOp } from "../ops/table.ts";
import type { WeightPoint } from "../quantize/points.ts";
import type { Place } from "./measure.ts";
import type { Sum } from "./sum.ts";

export type Unit = {
  /** First outputs of its nodes, in order: later graphs may have other nodes there. */
  readonly nodes: readonly Name[];
  /** Its layers, in the order in which they are tuned. */
  readonly points: readonly WeightPoint[];
  /** What it reads from outside, no constants. */
  readonly inputs: readonly Name[];
  readonly output: Name;
};

/** A block of more layers is taken layer by layer: 2102.05426 has at most four, with the shortcut. */
const mostLayers = 8;

/** Every layer by itself, in this order; with the sum that it adds to if the other operand is final by then. */
export function layerUnits(
  graph: Graph,
  order: readonly WeightPoint[],
  sums: ReadonlyMap<Name, Sum>,
): Unit[] {
  return order.map((point) => layerUnit(graph, point, sums.get(point.node)));
}

/** Blocks, and layers that lie in none, in the graph's order. */
export function blockUnits(graph: Graph, order: readonly WeightPoint[]): Unit[] {
  const pointAt = new Map(order.map((point) => [point.node, point]));
  return segmentsOf(graph).flatMap(({ nodes, isClosed }) => {
    const made = nodes.map(({ outputs }) => outputs[0]);
    const points = made.flatMap((name) => pointAt.get(name) ?? []);
    const isBlock = isClosed && points.length > 1 && points.length <= mostLayers;
    if (!isBlock) return points.map((point) => layerUnit(graph, point));
    return [withFollower(graph, made, order.filter((point) => points.includes(point)))];
  });
}

function layerUnit(graph: Graph, point: WeightPoint, sum?: Sum): Unit {
  return withFollower(graph, sum ? [point.node, sum.output] : [point.node], [point]);
}

/** The measurement of a unit: its output as it should be, what it reads in float, and what it reads rounded. */
export function placeOf(graph: Graph, unit: Unit): Place {
  const own = nodesIn(graph, unit);
  const readings = unit.inputs.map((name) => {
    const reader = own.find((node) => node.inputs.includes(name))!;
    return { node: reader.outputs[0], index: reader.inputs.indexOf(name) };
  });
  return {
    made: [unit.output, ...unit.inputs],
    reads: unit.inputs,
    read: ({ nodes }) =>
      readings.map(({ node, index }) => nodes.find(({ outputs }) => outputs[0] === node)!.inputs[index]),
  };
}

export function nodesIn(graph: Graph, { nodes }: Unit): Node[] {
  return graph.nodes.filter(({ outputs }) => nodes.includes(outputs[0]));
}

type Segment = { readonly nodes: Node[]; isClosed: boolean };

/** Runs of nodes between values that alone are alive; closed where the last node makes that value. */
function segmentsOf(graph: Graph): Segment[] {
  const lastUse = new Map<Name, number>();
  graph.nodes.forEach((node, i) => usesOf(node).forEach((name) => lastUse.set(name, i)));
  for (const name of graph.outputs) lastUse.set(name, Infinity);
  const alive = new Set(graph.inputs.filter((name) => lastUse.has(name)));
  const segments: Segment[] = [{ nodes: [], isClosed: false }];
  graph.nodes.forEach((node, i) => {
    const segment = segments.at(-1)!;
    segment.nodes.push(node);
    for (const name of node.outputs) if ((lastUse.get(name) ?? -1) > i) alive.add(name);
    for (const name of [...alive]) if (lastUse.get(name)! <= i) alive.delete(name);
    if (alive.size > 1) return;
    segment.isClosed = alive.has(node.outputs[0]);
    segments.push({ nodes: [], isClosed: false });
  });
  return segments;
}

/** The unit of these nodes and of the clamp that alone reads the last of them. */
function withFollower(graph: Graph, made: readonly Name[], points: readonly WeightPoint[]): Unit {
  const readers = consumers(graph);
  const last = made.at(-1)!;
  const [follower, ...others] = readers.get(last) ?? [];
  const isFollowed = follower && others.length === 0 && !graph.outputs.includes(last) &&
    findOp(follower)?.role.kind === "follows" && follower.inputs[0] === last;
  const nodes = isFollowed ? [...made, follower.outputs[0]] : made;
  const own = graph.nodes.filter(({ outputs }) => nodes.includes(outputs[0]));
  const inside = new Set(own.flatMap(({ outputs }) => outputs));
  const read = own.flatMap(usesOf).filter((name) => !inside.has(name) && !graph.values.get(name)?.constant);
  return { nodes, points, inputs: [...new Set(read)], output: nodes.at(-1)! };
}
