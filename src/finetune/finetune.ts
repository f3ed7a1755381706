// Second-moment finetuning: layer by layer in the graph's order, each on inputs from the already quantized prefix, each
// kept only if its error falls, and all of them only if the network's output error falls.
import { within } from "../error.ts";
import { freshNames, withNodes, withValues } from "../graph/edit.ts";
import type { Graph, Name, Node } from "../graph/graph.ts";
import { opOf } from "../ops/table.ts";
import type { Batches, Machine } from "../plan/machine.ts";
import type { Encodings } from "../quantize/encoding.ts";
import { insertQdq } from "../quantize/insert_qdq.ts";
import type { Points, WeightPoint } from "../quantize/points.ts";
import { elementCount, type Shape } from "../tensor/shape.ts";
import { floats, tensorOver } from "../tensor/tensor.ts";
import { type Layer, type LayerResult, type Tuned, tuneLayer } from "./layer.ts";
import { measureLayer, type Place } from "./measure.ts";
import { outputErrors } from "./output_error.ts";
import { tuningOrder } from "./order.ts";
import { type Prefixes, prefixesOf } from "./prefixes.ts";
import { pendingBefore, shapesOn, type Sum, sumOf } from "./sum.ts";

export type Tunable = { readonly graph: Graph; readonly encodings: Encodings; readonly points: Points };

export type TunedLayer = {
  readonly name: string;
  readonly type: string;
  readonly weight: Name;
  readonly bits: number;
  /** Σ (y − ŷ)² over Σ (y − mean)² on the data; absent where it was not measured. */
  readonly before?: number;
  readonly after?: number;
  /** Why it was left as calibrated. */
  readonly why?: string;
};

/** A layer that is done: what is told of it, and what it became. */
export type DoneLayer = TunedLayer & {
  /** First output of its node. */
  readonly node: Name;
  /** Absent: as calibrated. */
  readonly tuned?: Tuned;
};

export type LayerProgress = (done: number, total: number, layer: string) => void;

/** Where a run begins and who follows it. The rest is as if it had not been interrupted. */
export type Course = {
  /** What an interrupted run on the same data has done: the first layers in order. */
  readonly done?: readonly DoneLayer[];
  /** Keeps a layer that is done. */
  readonly keep?: (layer: DoneLayer) => Promise<void>;
  readonly progress?: LayerProgress;
};

export type Finetuned = Tunable & {
  readonly layers: readonly TunedLayer[];
  /** Σ (y − ŷ)² over Σ y² at the network's outputs, on the same data. */
  readonly outputError: { readonly before: number; readonly after: number };
  /** False: the output error did not fall, so everything is as calibrated. */
  readonly accepted: boolean;
};

/** What may be kept between layers, see ARCHITECTURE.md. */
const keptBytes = 2 ** 30;

/** Tunes layer by layer; answers what was given where the network as a whole did not gain. */
export async function finetune(
  calibrated: Tunable,
  machine: Machine,
  batches: Batches,
  course?: Course,
): Promise<Finetuned> {
  const { tuned, layers } = await tuneLayers(calibrated, machine, batches, course);
  const graphs = [calibrated, tuned].map(({ graph, encodings }) => insertQdq(encodings)(graph));
  const [before, after] = await outputErrors(calibrated.graph, graphs, machine, batches);
  const accepted = after < before;
  return { ...(accepted ? tuned : calibrated), layers, outputError: { before, after }, accepted };
}

/** Tunes every layer that computes with constant weights. */
export async function tuneLayers(
  float: Tunable,
  machine: Machine,
  batches: Batches,
  { done = [], keep = async () => {}, progress = () => {} }: Course = {},
  budgetBytes = keptBytes,
): Promise<{ tuned: Tunable; layers: TunedLayer[] }> {
  let tuned = float;
  const layers: TunedLayer[] = [];
  const uses = new Map<Name, number>();
  const { weights } = float.points;
  const shapes = await shapesOn(float.graph, batches);
  for (const { name } of weights) uses.set(name, (uses.get(name) ?? 0) + 1);
  const pending = new Map(weights.map((one) => [one.node, one]));
  const prefixes = prefixesOf(float.graph, machine, batches, budgetBytes);
  const order = tuningOrder(float.graph, weights, shapes);
  const places = order.map(({ node }): Place => ({ output: node, sum: sumOf(float.graph, node, shapes) }));
  const ready = new Map(done.map((layer) => [layer.node, layer]));
  for (const [index, point] of order.entries()) {
    const node = float.graph.nodes.find(({ outputs }) => outputs[0] === point.node)!;
    const label = { name: node.name || point.node, type: node.opType, weight: point.name };
    const bits = float.encodings.get(point.name)!.bits;
    const shared = uses.get(point.name)! > 1;
    const meeting = sumOf(float.graph, point.node, shapes);
    const sum = meeting && pendingBefore(float.graph, meeting.value, pending).length === 0
      ? meeting
      : undefined;
    const later = places.slice(index + 1);
    let layer = ready.get(point.node);
    if (!layer) {
      progress(layers.length, weights.length, label.name);
      const found = await tuneOne(float, tuned, { point, node, shared, sum, later }, prefixes);
      layer = { ...label, node: point.node, bits, ...found };
      await keep(layer);
    }
    pending.delete(point.node);
    if (layer.tuned) tuned = applied(tuned, point, layer.tuned);
    layers.push(told(layer));
  }
  progress(weights.length, weights.length, "");
  return { tuned, layers };
}

function told({ name, type, weight, bits, before, after, why }: DoneLayer): TunedLayer {
  return { name, type, weight, bits, before, after, ...(why === undefined ? {} : { why }) };
}

type Turn = {
  readonly point: WeightPoint;
  readonly node: Node;
  readonly shared: boolean;
  readonly sum?: Sum;
  readonly later: readonly Place[];
};
type Found = LayerResult | { readonly before?: undefined; readonly after?: undefined; readonly why: string };

async function tuneOne(
  float: Tunable,
  tuned: Tunable,
  { point, node, shared, sum, later }: Turn,
  prefixes: Prefixes,
): Promise<Found> {
  const { role } = opOf(node);
  const operator = role.kind === "computes" ? role.moments?.(node) : undefined;
  const { shape } = float.graph.values.get(point.name)!.constant!;
  if (shared) return { why: "its weights are shared with another node" };
  if (!operator || role.kind !== "computes" || shape.length === 3 || shape.length > 4) {
    return { why: "this form of its operator has no second moments" };
  }
  const hasBias = node.inputs[role.bias ?? -1] ? true : false;
  if (hasBias && !point.bias) return { why: "its bias is not one number a channel of its own" };
  const bytes = momentBytes(shape, point.axis, role.groups?.(node));
  if (bytes > mostMomentBytes) {
    return {
      why: `its second moments would take ${bytes} bytes, more than a device binds (${mostMomentBytes})`,
    };
  }
  const quantized = insertQdq(tuned.encodings)(tuned.graph);
  const moments = await measureLayer(
    float.graph,
    quantized,
    { output: point.node, operator, sum },
    later,
    prefixes,
  );
  if (!moments) return { why: "the data set has no sample that can be read" };
  const encoded = biasOf(tuned, point);
  const layer: Layer = {
    ...{
      shape,
      axis: point.axis,
      biasable: role.bias !== undefined && (hasBias || encoded.scaleX !== undefined),
    },
    weights: floatsOf(float.graph, point.name)!,
    encoding: tuned.encodings.get(point.name)!,
    bias: floatsOf(float.graph, point.bias),
    ...encoded,
    fixedScales: [point.name, point.input].every((name) => arePowers(tuned.encodings.get(name)!.scale)),
  };
  return within(`layer "${node.name || point.node}"`, () => tuneLayer(layer, moments));
}

/** The smallest storage binding that WebGPU promises. */
const mostMomentBytes = 2 ** 27;

function momentBytes(shape: Shape, axis: number, groups = 1): number {
  const depth = elementCount(shape) / shape[axis];
  return 4 * (groups * (depth + 1) + shape[axis]) * (depth + 2);
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

/** Graph, encodings and points with a layer's new weights and bias; a layer without bias gets one. */
export function applied(
  before: Tunable,
  point: WeightPoint,
  { weights, encoding, bias, biasEncoding }: Tuned,
): Tunable {
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
