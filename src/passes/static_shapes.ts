// The shapes of all values at batch 1.
import type { Graph, Name } from "../graph/graph.ts";
import type { Shape } from "../tensor/shape.ts";
import { specialize } from "./specialize.ts";

/** Empty if an input has no shape, or a symbolic dimension other than the batch. */
export function staticShapes(graph: Graph): ReadonlyMap<Name, Shape> {
  const bound = new Map<Name, Shape>();
  const first = new Set(graph.inputs.map((name) => graph.values.get(name)?.shape?.[0]));
  for (const name of graph.inputs) {
    const dims = graph.values.get(name)?.shape?.map((dim, axis) => {
      const isBatch = typeof dim === "string" && (axis === 0 || (dim !== "" && first.has(dim)));
      return isBatch ? 1 : dim;
    });
    if (!dims?.every((dim) => typeof dim === "number")) return new Map();
    bound.set(name, dims);
  }
  const { values } = specialize(graph, bound);
  const found = new Map<Name, Shape>();
  for (const [name, { shape }] of values) {
    if (shape?.every((dim) => typeof dim === "number")) found.set(name, shape);
  }
  return found;
}
