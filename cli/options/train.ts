// The options of training; absent means the library's default.
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

/** Steps see 32 samples at a time where nothing else is said. */
const batchSize = 32;

export const trainOptions = [
  ...dataOptions.map((one) =>
    one.attributeName() === "batchSize"
      ? option("Data")(one.flags, "samples of a step").argParser(whole(1, 4096)).default(batchSize)
      : one
  ),
  group("--epochs <N>", "passes over the data (default: 10)").argParser(whole(1, 100_000)),
  group("--steps <N>", "steps, in place of --epochs").argParser(whole(1, 10_000_000)).conflicts("epochs"),
  group("--learning-rate <R>", "what all learning rates are multiplied by (default: 1)").argParser(
    number({ above: 0 }),
  ),
  group("--label-weight <W>", "what labels weigh against the float model's answers (default: 0.5)")
    .argParser(number({ above: 0 })),
  group("--no-cross-entropy", "learn from the float model alone, whatever labels there are"),
  group("--checkpoint-steps <N>", "steps from one checkpoint to the next (default: a tenth of all)")
    .argParser(whole(1, 10_000_000)),
  ...quantizeOptions.map((one) =>
    one.attributeName() === "resume"
      ? option("Training")("--resume", "go on from where an interrupted run in --output was")
      : one
  ),
];

export function trainSettings(flags: TrainFlags & DataFlags & SharedFlags): Partial<TrainOptions> {
  const { epochs, steps, learningRate, labelWeight, crossEntropy, checkpointSteps, batchSize, seed } = flags;
  const said = {
    ...{ epochs, steps, batch: batchSize, seed, period: checkpointSteps, rateFactor: learningRate },
    labelWeight: crossEntropy ? labelWeight : 0,
  };
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
}
