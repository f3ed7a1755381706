// Inputs whose elements decide shapes (Reshape's shape, Slice's starts, Resize's scales, as inputs of the model): they
// are bound by content when the data arrive, as symbolic dimensions are bound by shape.
import { UnsupportedError } from "../error.ts";
import { producers } from "../graph/edit.ts";
import type { Graph, Name } from "../graph/graph.ts";
import { findOp } from "../ops/table.ts";
import type { Feeds } from "../plan/machine.ts";
import { elementCount } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** More elements than any shape needs: such an input is data. */
const mostElements = 4096;

/** The graph's inputs that a `fixed` input of some operator depends on. */
export function shapeInputs(graph: Graph): Name[] {
  const makers = producers(graph);
  const deciding = new Set<Name>();
  const trace = (name: Name) => {
    if (deciding.has(name)) return;
    deciding.add(name);
    const maker = makers.get(name);
    if (maker && !findOp(maker)?.byShape) maker.inputs.forEach(trace);
  };
  for (const node of graph.nodes) {
    for (const index of findOp(node)?.fixed ?? []) if (node.inputs[index]) trace(node.inputs[index]);
  }
  return graph.inputs.filter((name) => deciding.has(name));
}

/** The feeds of these inputs, to be bound by content. */
export function contentsOf(names: readonly Name[], feeds: Feeds): Map<Name, Tensor> {
  const found = names.flatMap((name): [Name, Tensor][] => feeds.has(name) ? [[name, feeds.get(name)!]] : []);
  for (const [name, { shape }] of found) {
    if (elementCount(shape) <= mostElements) continue;
    throw new UnsupportedError(
      `Cannot plan: shapes depend on the input data "${name}" of [${shape}], expected at most ${mostElements} elements`,
    );
  }
  return new Map(found);
}
