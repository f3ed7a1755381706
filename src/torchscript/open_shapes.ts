// Element types and shapes of all values while symbolic dimensions stay open: code must run at every size. The graph is
// inferred at two sizes; dimensions on which both agree are fixed.
import { HalftoneError } from "../error.ts";
import { withValues } from "../graph/edit.ts";
import { type Dim, type Graph, type Name, staticValueOf, type Value } from "../graph/graph.ts";
import { inferShapes } from "../passes/infer_shapes.ts";
import { forgetInferred } from "../passes/specialize.ts";

/**
 * Sizes of open dimensions other than the batch, in the order in which they are tried. The first ones stay different
 * after seven halvings; models of text accept smaller ones only.
 */
const sizes = [640, 896, 64, 96, 32, 48, 224, 320, 512, 7, 12];

/** Values that cannot be inferred have no shape; an open dimension is "". */
export function openShapes(graph: Graph): ReadonlyMap<Name, Value> {
  const accepted: ReadonlyMap<Name, Value>[] = [];
  const isStatic = !graph.inputs.some((name) => hasOpenDims(graph.values.get(name)));
  for (let i = 0; i < sizes.length && accepted.length < (isStatic ? 1 : 2); i++) {
    const found = boundTo({ batch: accepted.length + 2, other: sizes[i] }, graph);
    if (found) accepted.push(found);
  }
  const [first = new Map<Name, Value>(), second = first] = accepted;
  // One size alone does not show which dimensions are fixed.
  const isOpen = first === second && !isStatic;
  const found = new Map<Name, Value>();
  for (const [name, { dtype, shape }] of first) {
    const other = second.get(name)?.shape;
    if (!shape || shape.length !== other?.length) continue;
    found.set(name, { dtype, shape: shape.map((dim, axis) => !isOpen && dim === other[axis] ? dim : "") });
  }
  return found;
}

const hasOpenDims = (value: Value | undefined) =>
  value?.shape?.some((dim) => typeof dim !== "number") ?? true;

/** Values at one size; undefined if the network does not accept it. */
function boundTo(
  size: { readonly batch: number; readonly other: number },
  graph: Graph,
): Map<Name, Value> | undefined {
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
  try {
    const inferred = inferShapes(known);
    return new Map([...inferred.values.keys()].flatMap((name) => {
      const value = staticValueOf(inferred, name);
      return value ? [[name, value] as const] : [];
    }));
  } catch (error) {
    if (!(error instanceof HalftoneError)) throw error;
    return undefined;
  }
}
