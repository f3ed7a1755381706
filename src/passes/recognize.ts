// Replaces subgraphs by the operators that they compute: HardSwish, SiLU, Gelu, LayerNormalization and the others of
// src/ops/patterns/recognizable.ts. Functions are recognized by their values, not by their nodes: a cone is evaluated
// on samples, in doubles, and compared with the operator. `downgradeOps` expands the operator again if a file's opset
// does not have it.
import { HalftoneError } from "../error.ts";
import {
  constantOf,
  consumers,
  freshNames,
  producers,
  removeUnused,
  withNodes,
  withValues,
} from "../graph/edit.ts";
import type { Graph, Name, Node, StaticValue, Value } from "../graph/graph.ts";
import {
  type Found,
  type FunctionRow,
  functionRows,
  lineRows,
  linesOf,
  places,
} from "../ops/patterns/recognizable.ts";
import type { DType } from "../tensor/dtype.ts";
import { elementCount } from "../tensor/shape.ts";
import { floats, type Tensor, tensor } from "../tensor/tensor.ts";
import { type Cone, conesInto, mixedAxes, type Surroundings } from "./cone.ts";
import { elementTypes } from "./element_types.ts";
import { inferShapes } from "./infer_shapes.ts";
import { expandAll } from "./specialize.ts";
import { newestForms, upgradeOpset } from "./upgrade_opset.ts";

/**
 * Constants of patterns are written with five digits or more: 0.7071 for √½ is off by 1e-5, which changes Gelu by
 * 4e-6.
 */
const tolerance = 1e-5;

/** Whether a node must stay; `isInner`: it is inside a pattern, so that its result would disappear. */
export type Keeps = (node: Node, isInner: boolean) => unknown;

type Around = Surroundings & { readonly types: ReadonlyMap<Name, DType> };

/**
 * The graph with every pattern replaced by its operator, except those with a node to keep; the graph itself if there
 * is none.
 */
export function recognize(graph: Graph, keeps: Keeps = () => false): Graph {
  const makers = producers(graph);
  const constants = new Map(graph.nodes.flatMap((node) => {
    const value = constantOf(node);
    return value ? [[node.outputs[0], value] as const] : [];
  }));
  const around: Around = {
    graph,
    types: elementTypes(graph).get(graph)!,
    makers,
    readers: consumers(graph),
    order: new Map(graph.nodes.map((node, at) => [node, at])),
    constantOf: (name: Name) => graph.values.get(name)?.constant ?? constants.get(name),
  };
  const fresh = freshNames(graph);
  const folded = new Map<Node, Node>();
  const added: [Name, Value][] = [];
  const taken = new Set<Node>();
  // Backwards: a pattern inside a larger one belongs to that.
  for (const root of graph.nodes.toReversed()) {
    if (taken.has(root) || !mayBeFloat(around, root.outputs[0])) continue;
    let best: { readonly cone: Cone; readonly match: Match } | undefined;
    for (const cone of conesInto(root, around)) {
      if (cone.nodes.some((node) => keeps(node, node !== root))) continue;
      const match = tryMatch(() => matchOf(around, cone));
      if (match && match.opType !== root.opType) best = { cone, match };
    }
    if (!best) continue;
    const { opType, attributes = {}, weights = [] } = best.match;
    const inputs = weights.map((values, i) => {
      const name = fresh(`${root.outputs[0]}_${["scale", "bias"][i]}`);
      const constant = tensor("float32", [values.length], values);
      added.push([name, { dtype: "float32", shape: constant.shape, constant }]);
      return name;
    });
    folded.set(root, {
      ...{ opType, domain: "", name: root.name, outputs: root.outputs },
      inputs: [best.cone.from, ...inputs],
      attributes: new Map(Object.entries(attributes)),
    });
    best.cone.nodes.forEach((node) => taken.add(node));
  }
  if (folded.size === 0) return graph;
  const nodes = graph.nodes.flatMap((node) => folded.get(node) ?? (taken.has(node) ? [] : [node]));
  return removeUnused(withValues(withNodes(graph, nodes), added));
}

/** The number of nodes of each type that `recognize` has created. */
export function countRecognized(before: Graph, after: Graph): Record<string, number> {
  const types = new Set([...functionRows, ...lineRows].map(({ opType }) => opType));
  const makers = producers(before);
  const counts: Record<string, number> = {};
  for (const { opType, outputs } of after.nodes) {
    const maker = makers.get(outputs[0]);
    if (types.has(opType) && maker?.domain === "" && maker.opType !== opType) {
      counts[opType] = (counts[opType] ?? 0) + 1;
    }
  }
  return counts;
}

type Match = Found & { readonly opType: string };

/**
 * A cone that cannot be evaluated on samples is not a pattern; if it cannot be computed at all, planning reports it.
 */
function tryMatch<T>(match: () => T): T | undefined {
  try {
    return match();
  } catch (error) {
    if (error instanceof HalftoneError || error instanceof RangeError) return undefined;
    throw error;
  }
}

function matchOf(around: Around, cone: Cone): Match | undefined {
  const { graph } = around;
  const shape = graph.values.get(cone.from)?.shape;
  if (!mayBeFloat(around, cone.from)) return undefined;
  const parameters = [...cone.constants.values()];
  const width = Math.max(...parameters.map(({ shape }) => elementCount(shape)), 1);
  const rank = shape?.length ?? 4;
  // Constants of higher rank than x would raise the rank of the result.
  const flattest = shape?.length ?? 1;
  if (rank === 0 || parameters.some(({ shape }) => shape.length > flattest)) return undefined;
  const line = (rank: number, width: number): StaticValue => ({
    dtype: "float32",
    shape: [...new Array(rank - 1).fill(2), width],
  });
  const sampled = width > 1 ? width : 6;
  const mixed = mixedAxes(cone, line(rank, sampled));
  // If the rank is unknown, axes counted from the front need not be the last.
  if (mixed === undefined || (mixed && !shape && mixedAxes(cone, line(rank + 1, sampled)) !== 1)) {
    return undefined;
  }
  if (mixed === 0) return width > 1 ? undefined : functionMatch(graph, cone, rank);
  const last = shape?.at(-1);
  // Parameters would broadcast the lines.
  if (typeof last === "number" && width > 1 && width !== last) return undefined;
  const known = width > 1 ? width : typeof last === "number" ? last : undefined;
  return lineMatch(graph, cone, rank, known, width > 1);
}

function functionMatch(graph: Graph, cone: Cone, rank: number): Match | undefined {
  const values = valuesOf(cone, tensorOfLines(rank, [places]), graph.opset);
  const f = (x: number) => values[places.indexOf(x)];
  for (const row of functionRows) {
    const found = typeof row.from === "function" ? row.from(f) : row.from;
    if (!found) continue;
    const match = { opType: row.opType, ...found };
    const own = ownValues.get(row) ?? resultOf(match, tensorOfLines(1, [places]));
    if (row.from === found) ownValues.set(row, own);
    if (isNear(own, values)) return match;
  }
  return undefined;
}

/** Values of operators without parameters, computed once. */
const ownValues = new WeakMap<FunctionRow, Float32Array>();

/** `width` is undefined if the length of lines is unknown: then there must be no weights. */
function lineMatch(
  graph: Graph,
  cone: Cone,
  rank: number,
  width: number | undefined,
  weighted: boolean,
): Match | undefined {
  const lines = linesOf(width ?? 6);
  const count = lines[0].length;
  const values = valuesOf(cone, tensorOfLines(rank, lines), graph.opset);
  if (values.length !== lines.length * count) return undefined;
  const f = (line: number) => values.subarray(line * count, (line + 1) * count);
  for (const { opType, from } of lineRows) {
    const found = from(f);
    if (!found || (found.weights ? width === undefined : weighted)) continue;
    const match = { opType, ...found };
    if (isNear(resultOf(match, tensorOfLines(2, lines)), values)) return match;
  }
  return undefined;
}

/** A tensor of this rank with these lines. */
function tensorOfLines(rank: number, lines: readonly ArrayLike<number>[]): Tensor {
  const shape = [
    ...new Array(Math.max(rank - 2, 0)).fill(1),
    ...rank > 1 ? [lines.length] : [],
    lines[0].length,
  ];
  return tensor("float32", shape, lines.flatMap((line) => Array.from(line)));
}

/** The operator's result for the sample. */
function resultOf({ opType, attributes = {}, weights = [] }: Match, sample: Tensor): Float32Array {
  const named = weights.map((one, i) => [`weight ${i}`, tensor("float32", [one.length], one)] as const);
  const node: Node = {
    ...{ opType, domain: "", name: "" },
    inputs: ["x", ...named.map(([name]) => name)],
    outputs: ["y"],
    attributes: new Map(Object.entries(attributes)),
  };
  return valuesOf({ from: "x", nodes: [node], constants: new Map(named) }, sample, newestForms);
}

function isNear(own: Float32Array, values: Float32Array): boolean {
  return own.every((value, i) => Math.abs(value - values[i]) <= tolerance * Math.max(1, Math.abs(value)));
}

/** The cone's result for the sample, in doubles. */
function valuesOf({ from, nodes, constants }: Cone, sample: Tensor, opset: number): Float32Array {
  const known = [...constants, [from, sample] as const].map(([name, constant]): [Name, Value] => [
    name,
    { dtype: constant.dtype, shape: constant.shape, constant },
  ]);
  const outputs = nodes.at(-1)!.outputs;
  const graph: Graph = { name: "", nodes, values: new Map(known), inputs: [], outputs, opset };
  const folded = expandAll(inferShapes(upgradeOpset(newestForms)(graph)));
  return floats(folded.values.get(outputs[0])!.constant!);
}

function mayBeFloat({ types }: Around, name: Name): boolean {
  const dtype = types.get(name);
  return dtype === undefined || dtype === "float32";
}
