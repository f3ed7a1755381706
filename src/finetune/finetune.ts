// Finetuning: layer by layer or block by block in the graph's order, each on inputs from the already quantized prefix,
// each kept only if its error falls, and all of them only if the output error of the network as it ships falls, on samples
// that were held out where there are enough.
import type { Graph, Name } from "../graph/graph.ts";
import type { Batches, Machine } from "../plan/machine.ts";
import type { Encodings } from "../quantize/encoding.ts";
import { recorded } from "../run/sweep.ts";
import { insertQdq } from "../quantize/insert_qdq.ts";
import type { Points, WeightPoint } from "../quantize/points.ts";
import type { Shape } from "../tensor/shape.ts";
import { applyLayer } from "./apply.ts";
import { holdOut } from "./held_out.ts";
import type { LayerWeights, TrainedEncoding } from "./layer.ts";
import { type FinetuneOptions, methodOf } from "./methods.ts";
import { outputErrors, outputsToJudge } from "./output_error.ts";
import { tuningOrder } from "./order.ts";
import { prefixesOf } from "./prefixes.ts";
import { shapesOn } from "./sum.ts";

export type Tunable = { readonly graph: Graph; readonly encodings: Encodings; readonly points: Points };

export type LayerReport = {
  readonly name: string;
  readonly type: string;
  readonly weight: Name;
  readonly bits: number;
  /** Σ (y − ŷ)² over Σ (y − mean)² on the data; absent where it was not measured. */
  readonly before?: number;
  readonly after?: number;
  /** Why it was left as calibrated. */
  readonly why?: string;
  /** What else happened to it: another method in place of the one asked for, steps that were rejected. */
  readonly note?: string;
};

/** A layer that is done: what is told of it, and what it became. */
export type FinishedLayer = LayerReport & {
  /** First output of its node. */
  readonly node: Name;
  /** Absent: as calibrated. */
  readonly tuned?: LayerWeights;
  /** Other scales of activations, which hold for the layers of its block from there on. */
  readonly activations?: readonly TrainedEncoding[];
};

export type LayerProgress = (done: number, total: number, layer: string) => void;

/** Where a run begins and who follows it. The rest is as if it had not been interrupted. */
export type FinetuneProgress = {
  /** What an interrupted run on the same data has done: the first layers in order. */
  readonly done?: readonly FinishedLayer[];
  /** Keeps a layer that is done, the one of this place in the order. */
  readonly keep?: (layer: FinishedLayer, place: number) => Promise<void>;
  readonly progress?: LayerProgress;
};

export type Finetuned = Tunable & {
  readonly layers: readonly LayerReport[];
  /** Σ (y − ŷ)² over Σ y² at the network's outputs, on the samples held out; on all of the data where there are none. */
  readonly outputError: { readonly before: number; readonly after: number };
  /** Samples that were only judged by. */
  readonly heldOut: number;
  /** False: the output error did not fall, so everything is as calibrated. */
  readonly accepted: boolean;
};

/** What may be kept between layers, see docs/decisions/finetuning.md. */
const keptBytes = 2 ** 30;

/** Tunes layer by layer; answers what was given where the network as a whole did not gain. */
export async function finetune(
  calibrated: Tunable,
  machine: Machine,
  batches: Batches,
  course?: FinetuneProgress,
  options?: FinetuneOptions,
): Promise<Finetuned> {
  // Layers are measured one by one: states are then data like all others.
  const data = recorded(machine, calibrated.graph, batches);
  const { tuning, judging, count: heldOut } = await holdOut(calibrated.graph, data);
  const { tuned, layers } = await tuneLayers(calibrated, machine, tuning, course, options);
  const outputs = await outputsToJudge(calibrated.graph, data);
  const graphs = [calibrated, tuned].map(({ graph, encodings }) =>
    insertQdq(encodings)({ ...graph, outputs })
  );
  const [before, after] = await outputErrors({ ...calibrated.graph, outputs }, graphs, machine, judging);
  const accepted = after < before;
  return { ...(accepted ? tuned : calibrated), layers, outputError: { before, after }, heldOut, accepted };
}

/** Tunes every layer that computes with constant weights. */
export async function tuneLayers(
  float: Tunable,
  machine: Machine,
  batches: Batches,
  { done = [], keep = async () => {}, progress = () => {} }: FinetuneProgress = {},
  options: FinetuneOptions = {},
  budgetBytes = keptBytes,
): Promise<{ tuned: Tunable; layers: LayerReport[] }> {
  const shapes = await shapesOn(float.graph, batches);
  const [weights, left] = withShapes(float.points.weights, shapes);
  const order = tuningOrder(float.graph, weights, shapes);
  const prefixes = prefixesOf(float.graph, machine, batches, budgetBytes);
  const method = methodOf({ float, order, shapes, machine, prefixes, options });
  const ready = new Map(done.map((layer) => [layer.node, layer]));
  let tuned = float;
  const layers: LayerReport[] = [];
  for (const [index, group] of method.groups.entries()) {
    let found = group.flatMap(({ node }) => ready.get(node) ?? []);
    if (found.length < group.length) {
      const update = (inGroup: number) =>
        progress(layers.length + inGroup, weights.length, nameOf(float, group[inGroup]));
      found = await method.tune(index, tuned, update);
      for (const [i, layer] of found.entries()) await keep(layer, layers.length + i);
    }
    tuned = found.reduce(applyLayer, tuned);
    layers.push(...found.map(told));
  }
  progress(weights.length, weights.length, "");
  return { tuned, layers: [...layers, ...left.map((point) => leftLayer(float, point))] };
}

/** Layers whose values have a shape before data decide any, and the others. */
function withShapes(points: readonly WeightPoint[], shapes: ReadonlyMap<Name, Shape>): WeightPoint[][] {
  const isFirst = ({ node, input }: WeightPoint) =>
    shapes.size === 0 || (shapes.has(node) && shapes.has(input));
  return [points.filter(isFirst), points.filter((point) => !isFirst(point))];
}

function leftLayer(float: Tunable, point: WeightPoint): LayerReport {
  const { opType: type } = float.graph.nodes.find(({ outputs }) => outputs[0] === point.node)!;
  const { bits } = float.encodings.get(point.name)!;
  const why = "data decide the shapes in front of it: only layers before such nodes are tuned";
  return { name: nameOf(float, point), type, weight: point.name, bits, why };
}

function nameOf({ graph }: Tunable, { node }: WeightPoint): string {
  return graph.nodes.find(({ outputs }) => outputs[0] === node)!.name || node;
}

function told({ name, type, weight, bits, before, after, why, note }: FinishedLayer): LayerReport {
  const remarks = { ...(why !== undefined && { why }), ...(note !== undefined && { note }) };
  return { name, type, weight, bits, before, after, ...remarks };
}
