// The result of calibration, before and after finetuning.
import { uncorrectedWarnings } from "../calibrate/correct_bias.ts";
import { degenerateWarnings } from "../calibrate/degenerate.ts";
import type { Histogram } from "../calibrate/histogram.ts";
import { positionWarnings } from "../calibrate/position_limits.ts";
import type { Finetuned } from "../finetune/finetune.ts";
import { pointsOf, updatePoints } from "../files/calibrated_points.ts";
import type { CalibratedPoint, Finetuning } from "../files/results.ts";
import type { Graph } from "../graph/graph.ts";
import type { Encodings } from "../quantize/encoding.ts";
import type { FloatNode, Points } from "../quantize/points.ts";
import type { Calibrated } from "./recipe.ts";
import { type QuantizeOptions, targetOf } from "./options.ts";
import { raisedWarnings } from "./unknown.ts";

export type Calibration = {
  /** The float graph that the encodings belong to: normalizations and constants folded, opset raised. */
  readonly graph: Graph;
  /** By value name: activations, weights, biases. */
  readonly encodings: Encodings;
  readonly images: number;
  /** `forward`: the sweep over the data, statistics included. */
  readonly seconds: { readonly total: number; readonly forward: number; readonly finetune?: number };
  readonly quantizedNodes: number;
  /** Every node left in float, with the reason. */
  readonly floatNodes: readonly FloatNode[];
  /** How many operators of each type were recognized in subgraphs of simpler ones. */
  readonly recognized?: Readonly<Record<string, number>>;
  /** Possible problems of the data or the model, a sentence each. */
  readonly warnings: readonly string[];
  readonly options: QuantizeOptions;
  readonly points: readonly CalibratedPoint[];
  /** Which values have encodings, and which weights belong to which nodes. */
  readonly placed: Points;
  /** The result of `finetune`; absent before. */
  readonly finetune?: Finetuning;
};

/** The statistics of one sweep over the data, or over a shard. Shards merge exactly, see src/files/join_shards.ts. */
export type Measurements = {
  readonly histograms: ReadonlyMap<string, Histogram>;
  readonly images: number;
  /** Of the sweep. */
  readonly seconds: number;
};

/** The result of a recipe in the form that callers get. */
export function calibrationOf(
  model: Graph,
  found: Calibrated,
  run: Pick<Calibration, "images" | "seconds" | "options" | "recognized">,
): Calibration {
  const { graph, encodings, points } = found;
  const [quantizedNodes, floatNodes] = [points.quantized.size, points.float];
  return {
    ...{ graph, encodings, quantizedNodes, floatNodes, placed: points },
    warnings: [
      ...raisedWarnings(model, graph),
      ...degenerateWarnings(found, run.images),
      ...positionWarnings(found, targetOf(run.options).activations),
      ...(run.options.biasCorrection ? uncorrectedWarnings(graph, encodings) : []),
    ],
    points: pointsOf(found),
    ...run,
  };
}

/** The calibration with the results of finetuning. */
export function applyTuning(
  before: Calibration,
  found: Finetuned,
  { method, images, seconds }: Pick<Finetuning, "method" | "images"> & { readonly seconds: number },
): Calibration {
  const { graph, encodings, points, layers, outputError, heldOut, accepted } = found;
  return {
    ...before,
    graph,
    encodings,
    placed: points,
    points: updatePoints(before.points, found),
    seconds: { ...before.seconds, total: before.seconds.total + seconds, finetune: seconds },
    finetune: { method, images, heldOut, accepted, outputError, layers },
  };
}
