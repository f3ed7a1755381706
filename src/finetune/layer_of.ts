// Reads a layer from the network for tuning: weights, bias and their encodings.
import type { Graph, Name, Node } from "../graph/graph.ts";
import { opOf } from "../ops/table.ts";
import type { WeightPoint } from "../quantize/points.ts";
import { floats } from "../tensor/tensor.ts";
import type { Layer } from "./layer.ts";
import { type Arrangement, places } from "./matrix.ts";
import type { Tunable } from "./tunable.ts";

/** Weights and bias come from `graph`; `why` says why the layer cannot be tuned. */
export function layerOf(
  graph: Graph,
  tunable: Tunable,
  point: WeightPoint,
  node: Node,
): Layer | { readonly why: string } {
  const { role } = opOf(node);
  if (role.kind !== "computes") throw new Error(`Invariant: "${point.node}" has no weights to tune`);
  const { axis } = point;
  if (axis === undefined) {
    return { why: "its weights have no axis of output channels" };
  }
  const repeats = role.groupAxis === "outputs" ? role.groups?.(node) ?? 1 : 1;
  const arrangement = { shape: graph.values.get(point.name)!.constant!.shape, axis, repeats };
  const bias = node.inputs[role.bias ?? -1];
  const fixedBias = bias && !point.bias ? fixedBiasOf(graph, tunable, bias, arrangement) : undefined;
  if (bias && !point.bias && !fixedBias) {
    return { why: "its bias is not one number per channel, or is shared" };
  }
  const { encodings } = tunable;
  const encoding = biasOf(tunable, point);
  return {
    ...arrangement,
    // A weight scale shared across groups cannot serve as the bias scale.
    canChangeBias: Boolean(point.bias) ||
      (role.bias !== undefined && !bias && repeats === 1 && encoding.scaleX !== undefined),
    fixedBias,
    weights: floatsOf(graph, point.name)!,
    encoding: encodings.get(point.name)!,
    bias: floatsOf(graph, point.bias),
    ...encoding,
    fixedScales: [point.name, point.input].every((name) => arePowers(encodings.get(name)!.scale)),
  };
}

/** A bias of one constant per channel that stays in float, because no layer may change it. */
function fixedBiasOf(graph: Graph, { points }: Tunable, bias: Name, arrangement: Arrangement) {
  const { rows } = places(arrangement);
  const { shape } = graph.values.get(bias)?.constant ?? {};
  const isTheirs = points.weights.some((point) => point.bias === bias);
  return !isTheirs && shape?.length === 1 && shape[0] === rows ? floatsOf(graph, bias) : undefined;
}

/** How biases are encoded, which is the same for all layers of a target. */
function biasOf({ encodings, points }: Tunable, { bias, input }: WeightPoint): Partial<Layer> {
  const own = points.weights.find((one) => one.bias && encodings.get(one.bias)?.bits !== 32);
  return own
    ? { biasEncoding: bias === undefined ? undefined : encodings.get(bias) }
    : { scaleX: encodings.get(input)!.scale[0] };
}

function arePowers(scales: Float32Array): boolean {
  return scales.every((scale) => Number.isInteger(Math.log2(scale)));
}

function floatsOf(graph: Graph, name: Name | undefined): Float32Array | undefined {
  const constant = name === undefined ? undefined : graph.values.get(name)?.constant;
  return constant && floats(constant);
}
