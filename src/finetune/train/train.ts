// Quantization-aware training: trains all quantized weights, scales and biases at once towards the float network's
// outputs. After every period the deployable network is judged on held-out samples, and the best is kept. If a loss or
// a scale stops being finite, training goes back to the last good state and continues at a quarter of the learning
// rates.
import { ConfigError } from "../../error.ts";
import type { Graph, Name } from "../../graph/graph.ts";
import type { Batches, Feeds, Machine, Outputs } from "../../plan/machine.ts";
import { rangeAt } from "../../tensor/stack.ts";
import { floats, type Tensor } from "../../tensor/tensor.ts";
import { samplerFor } from "../gradient/samples.ts";
import { type Trainer, trainerOn, trainingOf } from "../gradient/steps.ts";
import { batchesOf } from "../gradient/train_unit.ts";
import type { Tunable } from "../tunable.ts";
import { type Judge, judgeOn } from "./judge.ts";
import { endsPeriod, heldOutCount, rateAt, stepsOf, warmUpOf } from "./schedule.ts";
import { type LeftLayer, trainableLayers } from "./trainable_layers.ts";
import { loss, type TrainableNetwork, trainableNetwork } from "./trainable_network.ts";
import { outputsToCompare, type TrainingSet, trainingSetOf } from "./training_set.ts";

export type TrainOptions = {
  /** Passes over the data, unless `steps` is given. */
  readonly epochs: number;
  readonly steps?: number;
  readonly batch: number;
  /** Multiplies all learning rates. */
  readonly rateFactor: number;
  readonly seed: number;
  /** Weight of the labels' cross-entropy against the distance to the float network; 0 ignores labels. */
  readonly labelWeight: number;
  /** Steps between judgements and checkpoints; by default a tenth of all steps. */
  readonly period?: number;
};

/** In codes, shares of scales, and typical sizes of sums, so that one rate fits every layer and width. */
export const rates = { codes: 0.02, stretch: 0.002, steps: 0.002, shift: 0.002 };

/** The state after a period, from which an interrupted training continues. */
export type TrainingState = {
  readonly taken: number;
  /** Parameters and Adam's moments by name. */
  readonly states: Feeds;
  /** Parameters of the best network so far; empty if none was better than the initial one. */
  readonly best: Feeds;
  readonly bestLoss: number;
  /** Factor on the learning rates: quartered after each failure. */
  readonly factor: number;
  readonly curve: readonly CurvePoint[];
  readonly notes: readonly string[];
};

/** The mean of the losses read in a period, and the held-out loss after it. */
export type CurvePoint = { readonly step: number; readonly loss: number; readonly heldOut: number };

export type TrainProgress = {
  readonly begin?: TrainingState;
  readonly keep?: (state: TrainingState) => Promise<void>;
  readonly progress?: (taken: number, steps: number, loss: number) => void;
};

export type TrainedResult = {
  /** The initial network if nothing was better. */
  readonly network: Tunable;
  readonly accepted: boolean;
  readonly steps: number;
  readonly samples: number;
  /** Samples that are only used for judging; 0 if the training samples are also the judge. */
  readonly heldOut: number;
  readonly labelled: boolean;
  /** Loss of the deployable network on held-out samples. */
  readonly before: number;
  readonly after: number;
  readonly curve: readonly CurvePoint[];
  readonly left: readonly LeftLayer[];
  /** Failures on the way. */
  readonly notes: readonly string[];
};

/**
 * @throws ConfigError if no layer can be trained or labels do not fit; UnsupportedError naming an operator without
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
  const trainingSet = await trainingSetOf(float, compared, machine, data.batches, { labelled });
  const { samples: { count, values }, targets } = trainingSet;
  const [size] = float.values.get(float.inputs[0])?.shape ?? [];
  const fixed = typeof size === "number" ? size : undefined;
  const heldOut = heldOutCount(count, fixed);
  const batch = fixed ?? Math.min(options.batch, count - heldOut);
  const shapes = new Map(float.inputs.map((name) => [name, values.get(name)!.shape.with(0, batch)] as const));
  const network = trainableNetwork(tunable, parts, { targets, batch, shapes, labelWeight });
  const judge = judgeOn(machine, trainingSet.samples, targets, {
    from: heldOut === 0 ? 0 : count - heldOut,
    batch,
    labelWeight,
  });
  const steps = options.steps ?? stepsOf(options.epochs, count - heldOut, batch);
  const before = await judge(tunable);
  const run = new Run({
    machine,
    network,
    judge,
    trainingSet,
    batch,
    steps,
    trained: count - heldOut,
    options,
  });
  const end = await run.runToEnd(begin ?? run.initialState(before), keep, progress);
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
  readonly trainingSet: TrainingSet;
  readonly batch: number;
  readonly steps: number;
  /** Number of training samples, which come first. */
  readonly trained: number;
  readonly options: TrainOptions;
};

/** After this many failures training stops with the best so far. */
const mostFailures = 4;
/** Losses read per period. */
const readings = 8;

class Run {
  private readonly setting: Setting;
  private readonly period: number;

  constructor(setting: Setting) {
    this.setting = setting;
    this.period = setting.options.period ?? Math.max(1, Math.ceil(setting.steps / 10));
  }

  initialState(before: number): TrainingState {
    const bestLoss = Number.isFinite(before) ? before : Infinity;
    const { rateFactor: factor } = this.setting.options;
    return { taken: 0, states: new Map(), best: new Map(), bestLoss, factor, curve: [], notes: [] };
  }

  /** Runs period by period to the end. */
  async runToEnd(
    begin: TrainingState,
    keep: (state: TrainingState) => Promise<void>,
    progress: (taken: number, steps: number, loss: number) => void,
  ): Promise<TrainingState> {
    const { machine, network, trainingSet: { samples }, trained, batch, steps } = this.setting;
    const own = { count: trained, values: takeFirst(samples.values, trained) };
    const { graph, shapes, feeds } = samplerFor(network.graph, own, batch, machine);
    const training = trainingOf(graph, loss, network.parameters);
    let state = begin;
    let trainer: Trainer | undefined;
    try {
      while (state.taken < steps && state.notes.length < mostFailures) {
        trainer ??= trainerOn(machine, training, shapes, state);
        const next = await this.runPeriod(state, trainer, feeds, [...training.states.keys()], progress);
        if (!next.isGood) {
          trainer.release();
          trainer = undefined;
        }
        state = next.state;
        await keep(state);
      }
      return state;
    } finally {
      trainer?.release();
    }
  }

  private async runPeriod(
    state: TrainingState,
    trainer: Trainer,
    feeds: (indices: readonly number[]) => Feeds,
    states: readonly Name[],
    progress: (taken: number, steps: number, loss: number) => void,
  ): Promise<{ state: TrainingState; isGood: boolean }> {
    const { steps, trained, batch, options, network } = this.setting;
    const indices = batchesOf(trained, batch, options.seed);
    const warmUp = warmUpOf(steps);
    const every = Math.max(1, Math.floor(this.period / readings));
    const losses: number[] = [];
    let found: Outputs = new Map();
    for (let index = state.taken, isEnd = false; !isEnd; index++) {
      isEnd = endsPeriod(index, this.period, steps);
      const isRead = isEnd || (index + 1) % every === 0;
      const now = Object.entries(rates).map(([group, rate]) =>
        [group, state.factor * rateAt(rate, index, steps, warmUp)] as const
      );
      const read = isEnd ? [loss, ...states] : isRead ? [loss] : [];
      found = await trainer.step(feeds(indices(index)), Object.fromEntries(now), read);
      if (!isRead) continue;
      const [value] = floats(found.get(loss)!);
      if (!Number.isFinite(value)) return this.goBack(state, index + 1, `its loss was ${value}`);
      losses.push(value);
      progress(index + 1, steps, value);
    }
    const taken = Math.min(steps, (Math.floor(state.taken / this.period) + 1) * this.period);
    const parameters = new Map([...network.parameters.keys()].map((name) => [name, found.get(name)!]));
    const held = await this.judgeParameters(parameters);
    if (typeof held === "string") return this.goBack(state, taken, held);
    const isBest = held < state.bestLoss;
    const mean = losses.reduce((sum, one) => sum + one, 0) / losses.length;
    return {
      isGood: true,
      state: {
        ...state,
        taken,
        states: new Map(states.map((name) => [name, found.get(name)!])),
        ...(isBest && { best: parameters, bestLoss: held }),
        curve: [...state.curve, { step: taken, loss: mean, heldOut: held }],
      },
    };
  }

  /** The held-out loss, or why these parameters are invalid. */
  private async judgeParameters(parameters: ReadonlyMap<Name, Tensor>): Promise<number | string> {
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

  /** Goes back to the last good state with smaller rates. */
  private goBack(
    state: TrainingState,
    step: number,
    why: string,
  ): { state: TrainingState; isGood: boolean } {
    const factor = state.factor / 4;
    const note = `After step ${step} ${why}: back to step ${state.taken}, learning rates at ${factor}`;
    return { isGood: false, state: { ...state, factor, notes: [...state.notes, note] } };
  }
}

function takeFirst(values: ReadonlyMap<Name, Tensor>, count: number): Map<Name, Tensor> {
  return new Map([...values].map(([name, all]) => [name, rangeAt(all, 0, 0, count)]));
}
