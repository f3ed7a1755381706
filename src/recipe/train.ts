// Quantization-aware training for callers: of a calibration, or of a network that was read back from files.
import type { Dataset } from "../dataset/mod.ts";
import { train as trainNetwork, type TrainOptions, type TrainProgress } from "../finetune/train/train.ts";
import { pointsFromEncodings, pointsIn, shareEncodings } from "../files/read_points.ts";
import type { Training } from "../files/results.ts";
import type { Graph } from "../graph/graph.ts";
import { plannedOpset } from "../passes/upgrade_opset.ts";
import type { Machine } from "../plan/machine.ts";
import { prepare, prepareFor } from "./prepare.ts";
import type { Calibration } from "./calibration.ts";

export const trainDefaults: TrainOptions = {
  epochs: 10,
  batch: 32,
  rateFactor: 1,
  seed: 0,
  labelWeight: 0.5,
};

/** A trained network, with what a file tells of its points. */
export type Trained = Pick<Calibration, "graph" | "encodings" | "points"> & { readonly training: Training };

/**
 * Quantization-aware training: all quantized weights, scales and biases at once, towards what the float model answers and,
 * where the data have labels, towards those. The deployable network is judged on a held-out tenth; where it is not better
 * than before, `training.accepted` is false and the network is as it was. Same data, seed and device, same answer.
 * @param begun where training begins: a calibration's, or a finetuned one's, graph and encodings.
 * @param course where an interrupted run stood, and who keeps that.
 * @throws ConfigError where no layer can be trained or a label is no class of the model; UnsupportedError naming a node
 * that has no gradient.
 *
 * ```ts
 * const trained = await train(model, calibration, data, machine, { epochs: 20 });
 * await save(quantize(trained.graph, trained.encodings), "model_int.onnx");
 * ```
 */
export async function train(
  model: Graph,
  begun: Pick<Calibration, "graph" | "encodings">,
  dataset: Pick<Dataset, "labelled" | "batches">,
  machine: Machine,
  said: Partial<TrainOptions> = {},
  course: TrainProgress = {},
): Promise<Trained> {
  const graph = prepareFor(begun.encodings, begun.graph);
  const points = pointsIn(graph, begun.encodings);
  const tunable = { graph, encodings: shareEncodings(begun.encodings, points), points };
  const float = prepare(model, plannedOpset);
  const options = { ...trainDefaults, ...said };
  const { network, samples, ...found } = await trainNetwork(
    float,
    tunable,
    machine,
    dataset,
    options,
    course,
  );
  const told = pointsFromEncodings(network.points, network.encodings);
  return { ...network, points: told, training: { ...found, images: samples } };
}
