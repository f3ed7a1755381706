// The default recipe: prepare the float graph, measure every point in one sweep over the data, solve encodings,
// finetune, insert QuantizeLinear and DequantizeLinear. For anything else, write another few lines of the same calls.
import { correctBias } from "./calibrate/correct_bias.ts";
import { observe } from "./calibrate/observe.ts";
import { prepareLayers } from "./calibrate/prepare_layers.ts";
import { finetune, type Finetuned } from "./finetune/finetune.ts";
import type { FinetuneOptions } from "./finetune/methods.ts";
import type { FinetuneProgress } from "./finetune/tune_layers.ts";
import type { Graph } from "./graph/graph.ts";
import type { Batches, Machine } from "./plan/machine.ts";
import { checkFinite } from "./quantize/finite.ts";
import type { Points } from "./quantize/points.ts";
import { placePointsIn, prepareFloat } from "./recipe/place_points.ts";
import type { Calibrated, Recipe } from "./recipe/recipe.ts";
import { collectRanges, solveRanges } from "./recipe/solve_ranges.ts";

export { prepare } from "./recipe/prepare.ts";
export { quantize } from "./recipe/quantize.ts";
export type { Calibrated, Recipe };

/** Float graph and data in, encodings out. */
export async function calibrateGraph(
  float: Graph,
  recipe: Recipe,
  machine: Machine,
  batches: Batches,
  progress?: (done: number) => void,
): Promise<Calibrated> {
  const { graphMethods = {} } = recipe;
  const prepared = await prepareLayers(prepareFloat(float, recipe), graphMethods, machine, batches);
  const placement = placePointsIn(prepared, recipe);
  const { ranges, collect } = collectRanges(placement, recipe);
  const names = placement.points.activations;
  const histograms = await observe(placement.graph, names, machine, batches, progress, collect);
  const solved = solveRanges({ ...placement, histograms }, recipe, ranges);
  const { biasCorrection } = graphMethods;
  if (!biasCorrection) return solved;
  const graph = await correctBias(biasCorrection, solved.graph, solved.encodings, machine, batches);
  return solveRanges({ ...solved, graph }, recipe, ranges);
}

/** Tunes calibrated weights and biases layer by layer, and keeps what lowers the error. */
export function tuneCalibrated(
  { graph, encodings, placed: points }: Pick<Calibrated, "graph" | "encodings"> & { readonly placed: Points },
  machine: Machine,
  batches: Batches,
  progress?: FinetuneProgress,
  options?: FinetuneOptions,
): Promise<Finetuned> {
  return finetune({ graph: checkFinite(graph), encodings, points }, machine, batches, progress, options);
}
