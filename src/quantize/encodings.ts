// Encodings of all points: activations from solved ranges, weights from their elements, biases from both.
import { within } from "../error.ts";
import type { Graph, Name } from "../graph/graph.ts";
import { floats } from "../tensor/tensor.ts";
import { encodeBias } from "./bias.ts";
import { adjustShifts } from "./shifts.ts";
import { type Encoding, encodingOf, type Range, type Scheme } from "./encoding.ts";
import type { Points } from "./points.ts";
import type { Target } from "./target.ts";
import { encodeWeights, type WeightMethod } from "./weights.ts";

/** Encodings by value name, of everything that `points` names. Carried values get their source's encoding object. */
export function encodeAll(
  graph: Graph,
  points: Points,
  ranges: ReadonlyMap<Name, Range>,
  target: Target,
  weightMethod: WeightMethod,
  overrides: Overrides = new Map(),
): Map<Name, Encoding> {
  const encodings = new Map<Name, Encoding>();
  for (const name of points.activations) {
    const own = overrides.get(name);
    const range = own?.range ?? ranges.get(name)!;
    encodings.set(name, encodingOf(range, { ...target.activations, ...own?.scheme }));
  }
  for (const [name, source] of points.encodedBy) encodings.set(name, encodings.get(source)!);
  for (const { name, axis } of points.weights) {
    const { shape, values } = floatsOf(graph, name);
    const own = overrides.get(name);
    const along = own?.perChannel ?? target.perChannel ? axis : undefined;
    const method = own?.range ? () => own.range! : weightMethod;
    const scheme = { ...target.weights, ...own?.scheme };
    encodings.set(
      name,
      within(`weight "${name}"`, () => encodeWeights(values, shape, scheme, along, method)),
    );
  }
  if (typeof target.bias === "object") ownBiases(graph, points, target.bias, encodings);
  if (target.bias === "sum") sumBiases(graph, points, encodings);
  return target.shifts ? adjustShifts(graph, points, encodings, target.shifts) : encodings;
}

/** What one tensor has instead of the target's. */
export type Override = {
  readonly scheme?: Partial<Scheme>;
  readonly perChannel?: boolean;
  readonly range?: Range;
};
export type Overrides = ReadonlyMap<Name, Override>;

function ownBiases(graph: Graph, points: Points, scheme: Scheme, encodings: Map<Name, Encoding>): void {
  for (const { bias } of points.weights) {
    if (!bias) continue;
    const { shape, values } = floatsOf(graph, bias);
    const encode = () => encodeWeights(values, shape, scheme, undefined, "diffs");
    encodings.set(bias, within(`bias "${bias}"`, encode));
  }
}

function sumBiases(graph: Graph, points: Points, encodings: Map<Name, Encoding>): void {
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
}

function floatsOf(graph: Graph, name: Name) {
  const { constant } = graph.values.get(name)!;
  return { shape: constant!.shape, values: floats(constant!) };
}
