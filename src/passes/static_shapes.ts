// The shapes of all values at batch 1.
import { withValues } from "../graph/edit.ts";
import type { Graph, Name } from "../graph/graph.ts";
import type { Shape } from "../tensor/shape.ts";
import { inferShapes } from "./infer_shapes.ts";
import { inlineFunctions } from "./inline_functions.ts";
import { nameOutputs } from "./name_outputs.ts";
import { forgetInferred, specialize } from "./specialize.ts";
import { newestForms, upgradeOpset } from "./upgrade_opset.ts";

/** Empty if an input has no shape, or a symbolic dimension other than the batch. */
export function staticShapes(graph: Graph): ReadonlyMap<Name, Shape> {
  const bound = atBatchOne(graph);
  if (bound.size < graph.inputs.length) return new Map();
  const { values } = specialize(graph, bound);
  const found = new Map<Name, Shape>();
  for (const [name, { shape }] of values) {
    if (shape?.every((dim) => typeof dim === "number")) found.set(name, shape);
  }
  return found;
}

/**
 * The graph at batch 1 in the newest forms of its operators, composites as they are, with every shape that is then
 * determined. A dimension that is open for another reason stays so.
 */
export function staticGraph(graph: Graph): Graph {
  const newest = nameOutputs(upgradeOpset(newestForms)(inlineFunctions(graph)));
  return inferShapes(withInputShapes(newest, atBatchOne(graph)));
}

/** The graph with inputs of these shapes, by name; what was inferred from others is forgotten. */
export function withInputShapes(graph: Graph, shapes: ReadonlyMap<Name, Shape>): Graph {
  const bound = [...shapes].map(([name, shape]) => [name, { ...graph.values.get(name)!, shape }] as const);
  return forgetInferred(withValues(graph, bound));
}

/** The shapes of inputs that are static at batch 1. */
function atBatchOne(graph: Graph): Map<Name, Shape> {
  const bound = new Map<Name, Shape>();
  const first = new Set(graph.inputs.map((name) => graph.values.get(name)?.shape?.[0]));
  for (const name of graph.inputs) {
    const dims = graph.values.get(name)?.shape?.map((dim, axis) => {
      const isBatch = typeof dim === "string" && (axis === 0 || (dim !== "" && first.has(dim)));
      return isBatch ? 1 : dim;
    });
    if (dims?.every((dim) => typeof dim === "number")) bound.set(name, dims);
  }
  return bound;
}
