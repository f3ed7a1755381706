// Quantization-aware training: all quantized weights, scales and biases at once, towards what the float network answers.
// Every period the deployable network is judged on samples that are held out, and the best is kept. A loss or a scale that
// is no number sends training back to where it was good, at a quarter of the learning rates.
import { ConfigError } from "../../error.ts";
import type { Graph, Name } from "../../graph/graph.ts";
import type { Batches, Feeds, Machine, Outputs } from "../../plan/machine.ts";
import { rangeAt } from "../../tensor/stack.ts";
import { floats, type Tensor } from "../../tensor/tensor.ts";
import { samplerFor } from "../gradient/samples.ts";
import { type Trainer, trainerOn, trainingOf } from "../gradient/steps.ts";
import { batchesOf } from "../gradient/train_unit.ts";
import { type Judge, judgeOn } from "./judge.ts";
import { loss, type TrainableNetwork, trainableNetwork } from "./trainable_network.ts";
import { endsPeriod, heldOutCount, rateAt, stepsOf, warmUpOf } from "./schedule.ts";
import { outputsToCompare, type TrainingSet, trainingSetOf } from "./training_set.ts";
import { type LeftLayer, trainableLayers } from "./trainable_layers.ts";
import type { Tunable } from "../tunable.ts";

export type TrainOptions = {
  /** Passes over the data; `steps` goes before it. */
  readonly epochs: number;
  readonly steps?: number;
  readonly batch: number;
  /** What all learning rates are multiplied by. */
  readonly rateFactor: number;
  readonly seed: number;
  /** What the cross-entropy of labels weighs against the distance to the float network; 0 leaves labels out. */
  readonly labelWeight: number;
  /** Steps from one judgement, and one checkpoint, to the next; a tenth of all by default. */
  readonly period?: number;
};

/** In codes, in shares of scales and in sizes of sums: one rate fits every layer and width. */
export const rates = { codes: 0.02, stretch: 0.002, steps: 0.002, shift: 0.002 };

/** Where a training stands after a period: what an interrupted one goes on from. */
export type TrainingState = {
  readonly taken: number;
  /** Parameters and moments by their names. */
  readonly states: Feeds;
  /** Parameters of the best network so far; empty where none is better than what was given. */
  readonly best: Feeds;
  readonly bestLoss: number;
  /** A quarter of what it was after each failure. */
  readonly factor: number;
  readonly curve: readonly CurvePoint[];
  readonly notes: readonly string[];
};

/** The mean loss of the steps of a period that were read, and the held-out loss after it. */
export type CurvePoint = { readonly step: number; readonly loss: number; readonly heldOut: number };

export type TrainProgress = {
  readonly begin?: TrainingState;
  readonly keep?: (standing: TrainingState) => Promise<void>;
  readonly progress?: (taken: number, steps: number, loss: number) => void;
};

export type TrainedResult = {
  /** What was given, where nothing was better. */
  readonly network: Tunable;
  readonly accepted: boolean;
  readonly steps: number;
  readonly samples: number;
  /** Of them, those that were only judged by; 0: judged by those trained on. */
  readonly heldOut: number;
  readonly labelled: boolean;
  /** The deployable network's, held out. */
  readonly before: number;
  readonly after: number;
  readonly curve: readonly CurvePoint[];
  readonly left: readonly LeftLayer[];
  /** What went wrong on the way. */
  readonly notes: readonly string[];
};

/**
 * @throws ConfigError where no layer can be trained, or labels do not fit; UnsupportedError naming an operator without
 * gradient.
 */
export async function train(
  float: Graph,
  tunable: Tunable,
  machine: Machine,
  data: { readonly batches: Batches; readonly labelled: boolean },
  options: TrainOptions,
  { begin, keep = async () => {}, progress = () => {} }: TrainProgress = {},
): Promise<TrainedResult> {
  const { parts, left } = trainableLayers(tunable);
  if (parts.length === 0) {
    const reasons = left.map(({ name, why }) => `"${name}": ${why}`).slice(0, 5).join("; ");
    throw new ConfigError(`Cannot train: no layer has weights to train${reasons && ` (${reasons})`}`);
  }
  const labelled = data.labelled && options.labelWeight > 0;
  const labelWeight = labelled ? options.labelWeight : 0;
  const compared = outputsToCompare(float, tunable.graph, labelled);
  const lessons = await trainingSetOf(float, compared, machine, data.batches, { labelled });
  const { samples: { count, values }, targets } = lessons;
  const [size] = float.values.get(float.inputs[0])?.shape ?? [];
  const fixed = typeof size === "number" ? size : undefined;
  const heldOut = heldOutCount(count, fixed);
  const batch = fixed ?? Math.min(options.batch, count - heldOut);
  const shapes = new Map(float.inputs.map((name) => [name, values.get(name)!.shape.with(0, batch)] as const));
  const network = trainableNetwork(tunable, parts, { targets, batch, shapes, labelWeight });
  const judge = judgeOn(machine, lessons.samples, targets, {
    from: heldOut === 0 ? 0 : count - heldOut,
    batch,
    labelWeight,
  });
  const steps = options.steps ?? stepsOf(options.epochs, count - heldOut, batch);
  const before = await judge(tunable);
  const run = new Run({ machine, network, judge, lessons, batch, steps, trained: count - heldOut, options });
  const end = await run.through(begin ?? run.beginning(before), keep, progress);
  const accepted = end.best.size > 0;
  return {
    network: accepted ? network.networkOf(end.best) : tunable,
    ...{ accepted, steps, samples: count, heldOut, labelled, before, after: end.bestLoss },
    ...{ curve: end.curve, left, notes: end.notes },
  };
}

type Setting = {
  readonly machine: Machine;
  readonly network: TrainableNetwork;
  readonly judge: Judge;
  readonly lessons: TrainingSet;
  readonly batch: number;
  readonly steps: number;
  /** Samples that are trained on: the first. */
  readonly trained: number;
  readonly options: TrainOptions;
};

/** After so many failures training ends with the best so far. */
const mostFailures = 4;
/** How often a period's loss is read. */
const readings = 8;

class Run {
  private readonly setting: Setting;
  private readonly period: number;

  constructor(setting: Setting) {
    this.setting = setting;
    this.period = setting.options.period ?? Math.max(1, Math.ceil(setting.steps / 10));
  }

  beginning(before: number): TrainingState {
    const bestLoss = Number.isFinite(before) ? before : Infinity;
    const { rateFactor: factor } = this.setting.options;
    return { taken: 0, states: new Map(), best: new Map(), bestLoss, factor, curve: [], notes: [] };
  }

  /** Period by period to the end. */
  async through(
    begin: TrainingState,
    keep: (standing: TrainingState) => Promise<void>,
    progress: (taken: number, steps: number, loss: number) => void,
  ): Promise<TrainingState> {
    const { machine, network, lessons: { samples }, trained, batch, steps } = this.setting;
    const own = { count: trained, values: cut(samples.values, trained) };
    const { graph, shapes, feeds } = samplerFor(network.graph, own, batch, machine);
    const training = trainingOf(graph, loss, network.parameters);
    let standing = begin;
    let trainer: Trainer | undefined;
    try {
      while (standing.taken < steps && standing.notes.length < mostFailures) {
        trainer ??= trainerOn(machine, training, shapes, standing);
        const next = await this.onePeriod(standing, trainer, feeds, [...training.states.keys()], progress);
        if (!next.isGood) {
          trainer.release();
          trainer = undefined;
        }
        standing = next.standing;
        await keep(standing);
      }
      return standing;
    } finally {
      trainer?.release();
    }
  }

  private async onePeriod(
    standing: TrainingState,
    trainer: Trainer,
    feeds: (indices: readonly number[]) => Feeds,
    states: readonly Name[],
    progress: (taken: number, steps: number, loss: number) => void,
  ): Promise<{ standing: TrainingState; isGood: boolean }> {
    const { steps, trained, batch, options, network } = this.setting;
    const indices = batchesOf(trained, batch, options.seed);
    const warmUp = warmUpOf(steps);
    const every = Math.max(1, Math.floor(this.period / readings));
    const losses: number[] = [];
    let found: Outputs = new Map();
    for (let index = standing.taken, isEnd = false; !isEnd; index++) {
      isEnd = endsPeriod(index, this.period, steps);
      const isRead = isEnd || (index + 1) % every === 0;
      const now = Object.entries(rates).map(([group, rate]) =>
        [group, standing.factor * rateAt(rate, index, steps, warmUp)] as const
      );
      const read = isEnd ? [loss, ...states] : isRead ? [loss] : [];
      found = await trainer.step(feeds(indices(index)), Object.fromEntries(now), read);
      if (!isRead) continue;
      const [value] = floats(found.get(loss)!);
      if (!Number.isFinite(value)) return this.failed(standing, index + 1, `its loss was ${value}`);
      losses.push(value);
      progress(index + 1, steps, value);
    }
    const taken = Math.min(steps, (Math.floor(standing.taken / this.period) + 1) * this.period);
    const parameters = new Map([...network.parameters.keys()].map((name) => [name, found.get(name)!]));
    const held = await this.judged(parameters);
    if (typeof held === "string") return this.failed(standing, taken, held);
    const isBest = held < standing.bestLoss;
    const mean = losses.reduce((sum, one) => sum + one, 0) / losses.length;
    return {
      isGood: true,
      standing: {
        ...standing,
        taken,
        states: new Map(states.map((name) => [name, found.get(name)!])),
        ...(isBest && { best: parameters, bestLoss: held }),
        curve: [...standing.curve, { step: taken, loss: mean, heldOut: held }],
      },
    };
  }

  /** The held-out loss, or what is wrong with these parameters. */
  private async judged(parameters: ReadonlyMap<Name, Tensor>): Promise<number | string> {
    const bad = [...parameters].find(([, value]) => !floats(value).every(Number.isFinite));
    if (bad) return `"${bad[0]}" was not finite`;
    let network: Tunable;
    try {
      network = this.setting.network.networkOf(parameters);
    } catch (error) {
      if (error instanceof RangeError) return "a scale was not positive";
      throw error;
    }
    const held = await this.setting.judge(network);
    return Number.isFinite(held) ? held : `its loss on held-out samples was ${held}`;
  }

  /** Back to where it was good. */
  private failed(
    standing: TrainingState,
    step: number,
    why: string,
  ): { standing: TrainingState; isGood: boolean } {
    const factor = standing.factor / 4;
    const note = `After step ${step} ${why}: back to step ${standing.taken}, learning rates at ${factor}`;
    return { isGood: false, standing: { ...standing, factor, notes: [...standing.notes, note] } };
  }
}

function cut(values: ReadonlyMap<Name, Tensor>, count: number): Map<Name, Tensor> {
  return new Map([...values].map(([name, all]) => [name, rangeAt(all, 0, 0, count)]));
}
