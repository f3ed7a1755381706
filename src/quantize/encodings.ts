// Encodings of all points: activations from solved ranges, weights from their elements, biases from both.
import { within } from "../error.ts";
import type { Graph, Name } from "../graph/graph.ts";
import { floats } from "../tensor/tensor.ts";
import { encodeBias } from "./bias.ts";
import { type Encoding, encodingOf, type Range } from "./encoding.ts";
import type { Points } from "./points.ts";
import type { Target } from "./target.ts";
import { encodeWeights } from "./weights.ts";

export type WeightMethod = "maxmin" | "mse";

/** Encodings by value name, of everything that `points` names. Carried values get their source's encoding object. */
export function encodeAll(
  graph: Graph,
  points: Points,
  ranges: ReadonlyMap<Name, Range>,
  target: Target,
  weightMethod: WeightMethod,
): Map<Name, Encoding> {
  const encodings = new Map<Name, Encoding>();
  for (const name of points.activations) {
    encodings.set(name, encodingOf(ranges.get(name)!, target.activations));
  }
  for (const [name, source] of points.encodedBy) encodings.set(name, encodings.get(source)!);
  for (const { name, axis } of points.weights) {
    const { shape, values } = floatsOf(graph, name);
    const along = target.perChannel ? axis : undefined;
    const encode = () => encodeWeights(values, shape, target.weights, along, weightMethod);
    encodings.set(name, within(`weight "${name}"`, encode));
  }
  // A bias may widen the scales of its weight, and those of every other bias with them: twice is enough for all.
  for (const { name, input, bias } of [...points.weights, ...points.weights]) {
    if (!bias) continue;
    const { values } = floatsOf(graph, bias);
    const encode = () => encodeBias(values, encodings.get(input)!.scale[0], encodings.get(name)!);
    const encoded = within(`bias "${bias}"`, encode);
    encodings.set(name, encoded.weight);
    encodings.set(bias, {
      scale: encoded.scale,
      zeroPoint: new Int32Array(encoded.scale.length),
      bits: 32,
      signed: true,
      ...(encoded.scale.length > 1 ? { axis: 0 } : {}),
    });
  }
  return encodings;
}

function floatsOf(graph: Graph, name: Name) {
  const { constant } = graph.values.get(name)!;
  return { shape: constant!.shape, values: floats(constant!) };
}
