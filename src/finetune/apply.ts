// A tuned layer back in its network.
import { freshNames, withNodes, withValues } from "../graph/edit.ts";
import type { WeightPoint } from "../quantize/points.ts";
import { tensorOver } from "../tensor/tensor.ts";
import type { FinishedLayer, Tunable } from "./finetune.ts";
import type { LayerWeights, TrainedEncoding } from "./layer.ts";

/** The network with a layer that is done. */
export function applyLayer(before: Tunable, { node, tuned, activations = [] }: FinishedLayer): Tunable {
  const changed = applyEncodings(before, activations);
  return tuned ? applyWeights(changed, { node }, tuned) : changed;
}

/** Graph, encodings and points with a layer's new weights and bias; a layer without bias gets one. */
export function applyWeights(
  before: Tunable,
  { node: output }: Pick<WeightPoint, "node">,
  { weights, encoding, bias, biasEncoding }: LayerWeights,
): Tunable {
  const point = before.points.weights.find((one) => one.node === output)!;
  const encodings = new Map(before.encodings).set(point.name, encoding);
  const old = before.graph.values.get(point.name)!;
  const shape = old.constant!.shape;
  let graph = withValues(before.graph, [
    [point.name, { ...old, constant: tensorOver("float32", shape, weights) }],
  ]);
  if (!bias) return { ...before, graph, encodings };
  const name = point.bias ?? freshNames(graph)(`${point.name}_bias`);
  const constant = tensorOver("float32", [bias.length], bias);
  graph = withValues(graph, [[name, { dtype: "float32", shape: constant.shape, constant }]]);
  if (biasEncoding) encodings.set(name, biasEncoding);
  if (point.bias) return { ...before, graph, encodings };
  const nodes = graph.nodes.map((node) =>
    node.outputs[0] === point.node ? { ...node, inputs: [...node.inputs.slice(0, 2), name] } : node
  );
  const points = {
    ...before.points,
    weights: before.points.weights.map((one) => one === point ? { ...one, bias: name } : one),
  };
  return { graph: withNodes(graph, nodes), encodings, points };
}

/** Encodings with other scales of activations. */
export function applyEncodings(before: Tunable, changes: readonly TrainedEncoding[]): Tunable {
  const encodings = new Map(before.encodings);
  for (const { names, encoding } of changes) for (const name of names) encodings.set(name, encoding);
  return { ...before, encodings };
}
