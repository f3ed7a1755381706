// Quantization-aware training of a calibration, or of a network that was read back from files.
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

/** A trained network and its points, as for quant_info.json. */
export type Trained = Pick<Calibration, "graph" | "encodings" | "points"> & { readonly training: Training };

/**
 * Quantization-aware training of all weights, scales and biases at once, towards the float model's outputs and, if the
 * data have labels, towards those. The deployable network is judged on a held-out tenth; if it is not better than
 * before, `training.accepted` is false and the network is unchanged. Same data, seed and device, same result.
 * @param begun graph and encodings to start from, of a calibration, finetuned or not.
 * @param course the state of an interrupted run, and a function that stores it.
 * @throws ConfigError if no layer can be trained or a label is not a class of the model; UnsupportedError naming a node
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
  given: Partial<TrainOptions> = {},
  course: TrainProgress = {},
): Promise<Trained> {
  const graph = prepareFor(begun.encodings, begun.graph);
  const points = pointsIn(graph, begun.encodings);
  const tunable = { graph, encodings: shareEncodings(begun.encodings, points), points };
  const float = prepare(model, plannedOpset);
  const options = { ...trainDefaults, ...given };
  const { network, samples, ...found } = await trainNetwork(
    float,
    tunable,
    machine,
    dataset,
    options,
    course,
  );
  const trained = pointsFromEncodings(network.points, network.encodings);
  return { ...network, points: trained, training: { ...found, images: samples } };
}
