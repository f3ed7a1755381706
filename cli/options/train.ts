// The options of training. An absent flag means the library's default.
import type { TrainOptions } from "../../src/finetune/train/train.ts";
import { number, option, whole } from "./option.ts";
import { type DataFlags, dataOptions, type SharedFlags } from "./shared.ts";
import { quantizeOptions } from "./quantize.ts";

export type TrainFlags = {
  readonly epochs?: number;
  readonly steps?: number;
  readonly learningRate?: number;
  readonly labelWeight?: number;
  readonly crossEntropy: boolean;
  readonly checkpointSteps?: number;
};

const group = option("Training");

/** Samples per step by default. */
const batchSize = 32;

export const trainOptions = [
  ...dataOptions.map((one) =>
    one.attributeName() === "batchSize"
      ? option("Data")(one.flags, "samples per step").argParser(whole(1, 4096)).default(batchSize)
      : one
  ),
  group("--epochs <N>", "passes over the data (default: 10)").argParser(whole(1, 100_000)),
  group("--steps <N>", "training steps, instead of --epochs").argParser(whole(1, 10_000_000)).conflicts(
    "epochs",
  ),
  group("--learning-rate <R>", "factor for all learning rates (default: 1)").argParser(
    number({ above: 0 }),
  ),
  group("--label-weight <W>", "weight of the labels relative to the float model's outputs (default: 0.5)")
    .argParser(number({ above: 0 })),
  group("--no-cross-entropy", "learn only from the float model, even if there are labels"),
  group("--checkpoint-steps <N>", "steps between checkpoints (default: a tenth of all steps)")
    .argParser(whole(1, 10_000_000)),
  ...quantizeOptions.map((one) =>
    one.attributeName() === "resume"
      ? option("Training")("--resume", "continue the interrupted run in --output")
      : one
  ),
];

export function trainSettings(flags: TrainFlags & DataFlags & SharedFlags): Partial<TrainOptions> {
  const { epochs, steps, learningRate, labelWeight, crossEntropy, checkpointSteps, batchSize, seed } = flags;
  const given = {
    ...{ epochs, steps, batch: batchSize, seed, period: checkpointSteps, rateFactor: learningRate },
    labelWeight: crossEntropy ? labelWeight : 0,
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}
