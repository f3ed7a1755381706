// Tunes all layers with constant weights, unit by unit; each unit reads inputs from the already quantized prefix.
import type { Name } from "../graph/graph.ts";
import type { Batches, Machine } from "../plan/machine.ts";
import type { WeightPoint } from "../quantize/points.ts";
import type { Shape } from "../tensor/shape.ts";
import type { StepOptions } from "./gradient/gradient_method.ts";
import { methods } from "./methods.ts";
import { tuningOrder } from "./order.ts";
import { prefixesOf } from "./prefixes.ts";
import { shapesOn, sumsToCorrect } from "./sum.ts";
import { applyLayer, type FinishedLayer, type LayerReport, nodeOf, type Tunable } from "./tunable.ts";
import { tuneUnit, type TuningMethod } from "./tune_unit.ts";

export type LayerProgress = (done: number, total: number, layer: string) => void;

/** The result of an interrupted run, and callbacks. */
export type FinetuneProgress = {
  /** The first layers in order, from an interrupted run on the same data. */
  readonly done?: readonly FinishedLayer[];
  /** Saves a finished layer; `place` counts layers in order. */
  readonly keep?: (layer: FinishedLayer, place: number) => Promise<void>;
  readonly progress?: LayerProgress;
};

/** Memory for values that are kept between layers, see docs/decisions/finetuning.md. */
const keptBytes = 2 ** 30;

export async function tuneLayers(
  float: Tunable,
  machine: Machine,
  batches: Batches,
  { done = [], keep = async () => {}, progress = () => {} }: FinetuneProgress = {},
  { method = methods["second-moment"], ...options }: StepOptions & { readonly method?: TuningMethod } = {},
  budgetBytes = keptBytes,
): Promise<{ tuned: Tunable; layers: LayerReport[] }> {
  const { graph, points: { weights } } = float;
  const shapes = await shapesOn(graph, batches);
  const order = tuningOrder(graph, weights.filter((point) => hasShapes(point, shapes)), shapes);
  const prefixes = prefixesOf(graph, machine, batches, budgetBytes);
  const sums = sumsToCorrect(graph, order, shapes);
  const units = method.divide(graph, order, sums);
  const tuning = { float, method, units, sums, shared: sharedWeights(weights), machine, prefixes, options };
  const finished = new Map(done.map((layer) => [layer.node, layer]));
  let tuned = float;
  const reports: LayerReport[] = [];
  for (const [index, { points }] of units.entries()) {
    let layers = points.flatMap(({ node }) => finished.get(node) ?? []);
    if (layers.length < points.length) {
      layers = await tuneUnit(tuning, index, tuned, (layer) => {
        progress(reports.length + layer, order.length, nameOf(float, points[layer]));
      });
      for (const [i, layer] of layers.entries()) await keep(layer, reports.length + i);
    }
    tuned = layers.reduce(applyLayer, tuned);
    reports.push(...layers.map(reportOf));
  }
  progress(order.length, order.length, "");
  const skipped = weights.filter((point) => !hasShapes(point, shapes));
  return { tuned, layers: [...reports, ...skipped.map((point) => reportSkipped(float, point))] };
}

/** Whether the values around a layer have shapes that do not depend on data. */
function hasShapes({ node, input }: WeightPoint, shapes: ReadonlyMap<Name, Shape>): boolean {
  return shapes.size === 0 || (shapes.has(node) && shapes.has(input));
}

/** Weights that several nodes read. */
function sharedWeights(points: readonly WeightPoint[]): Set<Name> {
  const names = points.map(({ name }) => name);
  return new Set(names.filter((name, i) => names.indexOf(name) !== i));
}

function nameOf({ graph }: Tunable, { node }: WeightPoint): string {
  return nodeOf(graph, node).name || node;
}

function reportSkipped(float: Tunable, point: WeightPoint): LayerReport {
  const { opType: type } = nodeOf(float.graph, point.node);
  const { bits } = float.encodings.get(point.name)!;
  const why = "the shapes of its inputs depend on data; only layers before such nodes are tuned";
  return { name: nameOf(float, point), type, weight: point.name, bits, why };
}

function reportOf({ name, type, weight, bits, before, after, why, note }: FinishedLayer): LayerReport {
  const remarks = { ...(why !== undefined && { why }), ...(note !== undefined && { note }) };
  return { name, type, weight, bits, before, after, ...remarks };
}
