// Finds the layers that can be trained, and why others cannot.
import type { Graph, Name } from "../../graph/graph.ts";
import type { Encoding, Encodings } from "../../quantize/encoding.ts";
import type { WeightPoint } from "../../quantize/points.ts";
import type { UnitLayer } from "../gradient/candidate.ts";
import { layerOf } from "../layer_of.ts";
import type { Tunable } from "../tunable.ts";

export type LeftLayer = { readonly name: string; readonly why: string };

export function trainableLayers(tunable: Tunable): { parts: UnitLayer[]; left: LeftLayer[] } {
  const { graph, points } = tunable;
  const [parts, left]: [UnitLayer[], LeftLayer[]] = [[], []];
  for (const point of points.weights) {
    const node = graph.nodes.find(({ outputs }) => outputs[0] === point.node)!;
    const why = reasonAgainst(tunable, point);
    const layer = why === undefined ? layerOf(graph, tunable, point, node) : { why };
    if ("why" in layer) left.push({ name: node.name || point.node, why: layer.why });
    else parts.push({ point, layer });
  }
  return { parts, left };
}

function reasonAgainst({ encodings, points }: Tunable, { name, input }: WeightPoint): string | undefined {
  if (!hasCodes(encodings.get(name))) return "its weights have no codes";
  if (!hasCodes(encodings.get(input))) return "its input has no codes";
  const readers = points.weights.filter((one) => one.name === name);
  return readers.length > 1 ? "its weights are shared with another node" : undefined;
}

export function hasCodes(encoding: Encoding | undefined): encoding is Encoding {
  return encoding !== undefined && encoding.datatype === undefined;
}

/** Quantized constants that are not trained. */
export function untrainedConstants(
  { values }: Graph,
  encodings: Encodings,
  trained: ReadonlySet<Name>,
): Name[] {
  return [...encodings].filter(([name, encoding]) =>
    hasCodes(encoding) && values.get(name)?.constant && !trained.has(name)
  ).map(([name]) => name);
}
