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
  for (const { name, axis, input, bias } of points.weights) {
    within(`weight "${name}"`, () => {
      const tensor = graph.values.get(name)!.constant!;
      const perChannel = target.perChannel ? axis : undefined;
      let weight = encodings.get(name) ??
        encodeWeights(floats(tensor), tensor.shape, target.weights, perChannel, weightMethod);
      if (bias) {
        const values = floats(graph.values.get(bias)!.constant!);
        const encoded = encodeBias(values, encodings.get(input)!.scale[0], weight);
        weight = encoded.weight;
        encodings.set(bias, {
          scale: encoded.scale,
          zeroPoint: new Int32Array(encoded.scale.length),
          bits: 32,
          signed: true,
          ...(encoded.scale.length > 1 ? { axis: 0 } : {}),
        });
      }
      encodings.set(name, weight);
    });
  }
  return encodings;
}
