// What finetuning changes, its result for a layer, and how a result is put back into the network.
import { freshNames, withNodes, withValues } from "../graph/edit.ts";
import type { Graph, Name, Node } from "../graph/graph.ts";
import type { Encoding, Encodings } from "../quantize/encoding.ts";
import type { Points, WeightPoint } from "../quantize/points.ts";
import { tensorOver } from "../tensor/tensor.ts";

/** A float network with its encodings. */
export type Tunable = { readonly graph: Graph; readonly encodings: Encodings; readonly points: Points };

/** New weights and bias of a layer. */
export type LayerWeights = {
  readonly weights: Float32Array;
  readonly encoding: Encoding;
  readonly bias?: Float32Array;
  readonly biasEncoding?: Encoding;
};

/** The new encoding of an activation, and all values that share it. */
export type TrainedEncoding = { readonly names: readonly Name[]; readonly encoding: Encoding };

export type LayerReport = {
  readonly name: string;
  readonly type: string;
  readonly weight: Name;
  readonly bits: number;
  /** Σ (y − ŷ)² over Σ (y − mean)² on the data; undefined if it was not measured. */
  readonly before?: number;
  readonly after?: number;
  /** Why the layer stays as calibrated. */
  readonly why?: string;
  /** Anything else worth knowing: a fallback to another method, rejected steps. */
  readonly note?: string;
};

/** A layer's report and its result. */
export type FinishedLayer = LayerReport & {
  /** First output of its node. */
  readonly node: Name;
  /** Undefined: as calibrated. */
  readonly tuned?: LayerWeights;
  /** Encodings of activations inside its block, valid from here on. */
  readonly activations?: readonly TrainedEncoding[];
};

export function nodeOf({ nodes }: Graph, output: Name): Node {
  const node = nodes.find(({ outputs }) => outputs[0] === output);
  if (!node) throw new Error(`Invariant: finetune has no node that makes "${output}"`);
  return node;
}

export function applyLayer(before: Tunable, { node, tuned, activations = [] }: FinishedLayer): Tunable {
  const changed = applyEncodings(before, activations);
  return tuned ? applyWeights(changed, { node }, tuned) : changed;
}

/** Replaces a layer's weights and bias; adds a bias if the layer has none. */
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

/** Replaces encodings of activations. */
export function applyEncodings(before: Tunable, changes: readonly TrainedEncoding[]): Tunable {
  const encodings = new Map(before.encodings);
  for (const { names, encoding } of changes) for (const name of names) encodings.set(name, encoding);
  return { ...before, encodings };
}
