// A layer of the network as tuning sees it: its numbers, and how its weights and its bias are encoded.
import type { Graph, Name, Node } from "../graph/graph.ts";
import { opOf } from "../ops/table.ts";
import type { WeightPoint } from "../quantize/points.ts";
import { floats } from "../tensor/tensor.ts";
import type { Tunable } from "./finetune.ts";
import type { Layer } from "./layer.ts";

/** With the weights and the bias of `graph`; or why it cannot be tuned. */
export function layerOf(
  graph: Graph,
  tunable: Tunable,
  point: WeightPoint,
  node: Node,
): Layer | { readonly why: string } {
  const { role } = opOf(node);
  if (role.kind !== "computes") throw new Error(`Invariant: "${point.node}" has no weights to tune`);
  const hasBias = node.inputs[role.bias ?? -1] ? true : false;
  if (hasBias && !point.bias) return { why: "its bias is not one number a channel of its own" };
  const { encodings } = tunable;
  const encoding = biasOf(tunable, point);
  return {
    shape: graph.values.get(point.name)!.constant!.shape,
    axis: point.axis,
    biasable: role.bias !== undefined && (hasBias || encoding.scaleX !== undefined),
    weights: floatsOf(graph, point.name)!,
    encoding: encodings.get(point.name)!,
    bias: floatsOf(graph, point.bias),
    ...encoding,
    fixedScales: [point.name, point.input].every((name) => arePowers(encodings.get(name)!.scale)),
  };
}

/** How a layer's bias is encoded, which all layers of a target have in common. */
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
