// Histograms of magnitudes, as NVIDIA's calibrators count them: all bins are on one side, so they are at least twice as
// fine as those of a symmetric tensor itself. Tensors for unsigned codes are measured as they are.
import { withNodes } from "../graph/edit.ts";
import type { Graph, Name, Node, Rewrite } from "../graph/graph.ts";
import type { Batches, Machine } from "../plan/machine.ts";
import type { Histogram } from "./histogram.ts";
import { observe, type Progress } from "./observe.ts";

/** A value to measure, and whether its codes are unsigned. */
export type Measured = { readonly name: Name; readonly unsigned: boolean };

/**
 * The histograms of magnitudes over the data, by value; those of unsigned codes hold the values themselves.
 * @throws ModelError as `observe`.
 */
export async function observeMagnitudes(
  graph: Graph,
  values: readonly Measured[],
  machine: Machine,
  batches: Batches,
  progress?: Progress,
): Promise<Map<Name, Histogram>> {
  const signed = values.flatMap(({ name, unsigned }) => unsigned ? [] : [name]);
  const measuredName = ({ name, unsigned }: Measured) => unsigned ? name : magnitudeOf(name);
  const names = values.map(measuredName);
  const found = await observe(addMagnitudes(signed)(graph), names, machine, batches, progress);
  return new Map(values.map((value) => [value.name, found.get(measuredName(value))!]));
}

const magnitudeOf = (name: Name) => `|${name}|`;

/** Adds an Abs after each of these values. */
function addMagnitudes(names: readonly Name[]): Rewrite {
  return (graph) => {
    const measured = new Set(names);
    const abs = (name: Name): Node => ({
      opType: "Abs",
      domain: "",
      name: `magnitude of ${name}`,
      inputs: [name],
      outputs: [magnitudeOf(name)],
      attributes: new Map(),
    });
    const nodes = graph.nodes.flatMap((
      node,
    ) => [node, ...node.outputs.filter((name) => measured.has(name)).map(abs)]);
    return withNodes(graph, [...graph.inputs.filter((name) => measured.has(name)).map(abs), ...nodes]);
  };
}
