// The shapes of all values at batch 1.
import type { Graph, Name } from "../graph/graph.ts";
import type { Shape } from "../tensor/shape.ts";
import { specialize } from "./specialize.ts";

/** Empty where an input has no shape, or an open dimension that is not its first: nothing follows from those. */
export function staticShapes(graph: Graph): ReadonlyMap<Name, Shape> {
  const bound = new Map<Name, Shape>();
  for (const name of graph.inputs) {
    const dims = graph.values.get(name)?.shape?.map((dim, axis) =>
      axis === 0 && typeof dim === "string" ? 1 : dim
    );
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
