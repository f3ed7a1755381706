// Reconstruction units: a layer with the sum and the clamp that follow it, or a block, the nodes between two values
// that the whole network passes through (a residual block of BRECQ, arXiv 2102.05426).
import { consumers } from "../graph/edit.ts";
import type { Graph, Name, Node } from "../graph/graph.ts";
import { usesOf } from "../graph/order.ts";
import { findOp } from "../ops/table.ts";
import type { WeightPoint } from "../quantize/points.ts";
import type { Place } from "./measure.ts";
import type { Sum } from "./sum.ts";

export type Unit = {
  /** First outputs of its nodes, in order; other nodes may produce them in later graphs. */
  readonly nodes: readonly Name[];
  /** Its layers, in tuning order. */
  readonly points: readonly WeightPoint[];
  /** The values it reads from outside, without constants. */
  readonly inputs: readonly Name[];
  readonly output: Name;
};

/** Larger blocks are tuned layer by layer; BRECQ has at most four layers, the shortcut included. */
const mostLayers = 8;

/** One unit per layer, in tuning order; includes the sum that the layer may correct. */
export function layerUnits(
  graph: Graph,
  order: readonly WeightPoint[],
  sums: ReadonlyMap<Name, Sum>,
): Unit[] {
  return order.map((point) => layerUnit(graph, point, sums.get(point.node)));
}

/** Blocks, and single layers outside of blocks, in the order of the graph. */
export function blockUnits(graph: Graph, order: readonly WeightPoint[]): Unit[] {
  const pointAt = new Map(order.map((point) => [point.node, point]));
  return segmentsOf(graph).flatMap(({ nodes, isClosed }) => {
    const outputs = nodes.map(({ outputs }) => outputs[0]);
    const points = outputs.flatMap((name) => pointAt.get(name) ?? []);
    const isBlock = isClosed && points.length > 1 && points.length <= mostLayers;
    if (!isBlock) return points.map((point) => layerUnit(graph, point));
    return [withFollower(graph, outputs, order.filter((point) => points.includes(point)))];
  });
}

function layerUnit(graph: Graph, point: WeightPoint, sum?: Sum): Unit {
  return withFollower(graph, sum ? [point.node, sum.output] : [point.node], [point]);
}

/** What tuning a unit measures: its float output and inputs, and its quantized inputs. */
export function placeOf(graph: Graph, unit: Unit): Place {
  const own = nodesIn(graph, unit);
  const readings = unit.inputs.map((name) => {
    const reader = own.find((node) => node.inputs.includes(name))!;
    return { node: reader.outputs[0], index: reader.inputs.indexOf(name) };
  });
  return {
    floatValues: [unit.output, ...unit.inputs],
    floatInputs: unit.inputs,
    quantizedInputs: ({ nodes }) =>
      readings.map(({ node, index }) => nodes.find(({ outputs }) => outputs[0] === node)!.inputs[index]),
  };
}

export function nodesIn(graph: Graph, { nodes }: Unit): Node[] {
  return graph.nodes.filter(({ outputs }) => nodes.includes(outputs[0]));
}

type Segment = { readonly nodes: Node[]; isClosed: boolean };

/**
 * Splits the graph at values that are the only live one; a segment is closed if its last node produces such a value.
 */
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

/** The unit of these nodes and of the clamp that is the only reader of the last one. */
function withFollower(graph: Graph, outputs: readonly Name[], points: readonly WeightPoint[]): Unit {
  const readers = consumers(graph);
  const last = outputs.at(-1)!;
  const [follower, ...others] = readers.get(last) ?? [];
  const isFollowed = follower && others.length === 0 && !graph.outputs.includes(last) &&
    findOp(follower)?.role.kind === "follows" && follower.inputs[0] === last;
  const nodes = isFollowed ? [...outputs, follower.outputs[0]] : outputs;
  const own = graph.nodes.filter(({ outputs }) => nodes.includes(outputs[0]));
  const inside = new Set(own.flatMap(({ outputs }) => outputs));
  const read = own.flatMap(usesOf).filter((name) => !inside.has(name) && !graph.values.get(name)?.constant);
  return { nodes, points, inputs: [...new Set(read)], output: nodes.at(-1)! };
}
