// Tunes one unit of the network by a method: solves its layers one by one, or trains them together, or both.
import type { Graph, Name } from "../graph/graph.ts";
import type { Machine } from "../plan/machine.ts";
import type { WeightPoint } from "../quantize/points.ts";
import { adaquant } from "./gradient/adaquant.ts";
import type { GradientMethod, StepOptions } from "./gradient/gradient_method.ts";
import { reconstruct } from "./gradient/reconstruct.ts";
import { type Place, placeOfLayer } from "./measure.ts";
import type { Prefixes } from "./prefixes.ts";
import type { tuneBySecondMoments } from "./second_moment.ts";
import type { Sum } from "./sum.ts";
import { applyLayer, type FinishedLayer, nodeOf, type Tunable } from "./tunable.ts";
import { placeOf, type Unit } from "./unit.ts";

export type TuningMethod = {
  /** Divides the network into units. */
  readonly divide: (
    graph: Graph,
    order: readonly WeightPoint[],
    sums: ReadonlyMap<Name, Sum>,
  ) => readonly Unit[];
  /** Solves each layer of a unit. */
  readonly solve?: typeof tuneBySecondMoments;
  /** Trains the layers of a unit together, from where they are. */
  readonly steps?: GradientMethod;
};

/** What all units of a run share. */
export type UnitTuning = {
  readonly float: Tunable;
  readonly method: TuningMethod;
  readonly units: readonly Unit[];
  /** Sums whose error a layer may correct, by the first output of the layer's node. */
  readonly sums: ReadonlyMap<Name, Sum>;
  /** Weights that several nodes read; they are not tuned. */
  readonly shared: ReadonlySet<Name>;
  readonly machine: Machine;
  readonly prefixes: Prefixes;
  readonly options: StepOptions;
};

/**
 * Tunes unit `index`, given the network with all units before it tuned; `progress` receives the index of the current
 * layer.
 */
export async function tuneUnit(
  tuning: UnitTuning,
  index: number,
  tuned: Tunable,
  progress: (layer: number) => void,
): Promise<FinishedLayer[]> {
  const { float, method: { solve, steps }, units } = tuning;
  const { points } = units[index];
  const layers: FinishedLayer[] = [];
  for (const [i, point] of points.entries()) {
    if (solve) progress(i);
    const before = layers.reduce(applyLayer, tuned);
    layers.push(solve ? await solveLayer(tuning, index, i, before, solve) : describe(float, point));
  }
  if (!steps) return layers;
  progress(points.length - 1);
  return await takeSteps(tuning, index, layers.reduce(applyLayer, tuned), layers, steps);
}

const sharedText = "its weights are shared with another node";

async function solveLayer(
  tuning: UnitTuning,
  index: number,
  i: number,
  tuned: Tunable,
  solve: NonNullable<TuningMethod["solve"]>,
): Promise<FinishedLayer> {
  const { float, method: { steps }, units, sums, shared, prefixes } = tuning;
  const { points, inputs } = units[index];
  const layer = describe(float, points[i]);
  if (shared.has(layer.weight)) return { ...layer, why: sharedText };
  const node = nodeOf(float.graph, layer.node);
  const point = tuned.points.weights.find((one) => one.node === layer.node)!;
  // Values inside a unit that is trained afterwards are not final yet.
  const keeps = !steps || inputs.includes(point.input);
  const later = { places: placesAfter(tuning, index, i), keeps };
  const found = await solve(float, tuned, { point, node, sum: sums.get(point.node), later }, prefixes);
  if (!("isTooLarge" in found) || !found.isTooLarge) return { ...layer, ...found };
  const { isTooLarge: _, why, ...rest } = found;
  if (steps) return { ...layer, ...rest, why };
  const [trained] = await takeSteps(tuning, index, tuned, [layer], adaquant);
  const note = `by gradient steps (adaquant): ${why}`;
  return { ...trained, note: trained.note ? `${note}; ${trained.note}` : note };
}

async function takeSteps(
  tuning: UnitTuning,
  index: number,
  tuned: Tunable,
  layers: readonly FinishedLayer[],
  method: GradientMethod,
): Promise<FinishedLayer[]> {
  const { float, units, shared, machine, prefixes, options } = tuning;
  const isShared = ({ weight }: FinishedLayer) => shared.has(weight);
  if (layers.some(isShared)) {
    return layers.map((layer) => isShared(layer) ? { ...layer, why: sharedText } : layer);
  }
  const later = { places: placesAfter(tuning, index), keeps: true };
  const unit = units[index];
  return await reconstruct({ float, tuned, unit, layers, later, prefixes, machine }, method, options);
}

/** Everything to be measured after unit `index`, or after its layer `i`. */
function placesAfter(
  { float: { graph }, method: { solve, steps }, units, sums }: UnitTuning,
  index: number,
  i?: number,
) {
  const layerPlace = ({ node }: WeightPoint) => placeOfLayer(graph, { output: node, sum: sums.get(node) });
  const placesOf = (unit: Unit, from: number): Place[] => [
    ...solve ? unit.points.slice(from).map(layerPlace) : [],
    ...steps ? [placeOf(graph, unit)] : [],
  ];
  const own = i === undefined ? [] : placesOf(units[index], i + 1);
  return [...own, ...units.slice(index + 1).flatMap((unit) => placesOf(unit, 0))];
}

function describe({ graph, encodings }: Tunable, { name, node: output }: WeightPoint): FinishedLayer {
  const node = nodeOf(graph, output);
  const { bits } = encodings.get(name)!;
  return { name: node.name || output, type: node.opType, weight: name, node: output, bits };
}
