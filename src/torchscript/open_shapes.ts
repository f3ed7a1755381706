// Element types and shapes of all values while symbolic dimensions stay open: code must run at every size. The graph is
// inferred at two sizes; dimensions on which both agree are fixed.
import { HalftoneError } from "../error.ts";
import { withValues } from "../graph/edit.ts";
import { type Dim, type Graph, type Name, staticValueOf, type Value } from "../graph/graph.ts";
import { inferShapes } from "../passes/infer_shapes.ts";
import { forgetInferred } from "../passes/specialize.ts";

/** Batches, and sizes of other open dimensions, that most networks accept: they divide by 32. */
const sizes = [{ batch: 2, other: 64 }, { batch: 3, other: 96 }];

/** Values that cannot be inferred have no shape; an open dimension is "". */
export function openShapes(graph: Graph): ReadonlyMap<Name, Value> {
  const [first, second] = sizes.map((size) => boundTo(size, graph));
  const found = new Map<Name, Value>();
  for (const [name, { dtype, shape }] of first) {
    const other = second.get(name)?.shape;
    if (!shape || shape.length !== other?.length) continue;
    found.set(name, { dtype, shape: shape.map((dim, axis) => dim === other[axis] ? dim : "") });
  }
  return found;
}

/** Values at one size; none if the network does not accept it. */
function boundTo(size: { readonly batch: number; readonly other: number }, graph: Graph) {
  const batches = new Set(graph.inputs.map((name) => graph.values.get(name)?.shape?.[0]));
  const sizeOf = (dim: Dim, axis: number) => {
    if (typeof dim === "number") return dim;
    return axis === 0 || (dim !== "" && batches.has(dim)) ? size.batch : size.other;
  };
  const bound = graph.inputs.map((name) => {
    const value = graph.values.get(name)!;
    return [name, { ...value, shape: value.shape?.map(sizeOf) }] as const;
  });
  // Every value is an output, so that folding removes none.
  const outputs = [...new Set([...graph.outputs, ...graph.nodes.flatMap((node) => node.outputs)])];
  const known = withValues(forgetInferred({ ...graph, outputs }), bound);
  const found = new Map<Name, Value>();
  try {
    const inferred = inferShapes(known);
    for (const name of inferred.values.keys()) {
      const value = staticValueOf(inferred, name);
      if (value) found.set(name, value);
    }
  } catch (error) {
    if (!(error instanceof HalftoneError)) throw error;
  }
  return found;
}
