// Trains one unit by gradient steps on seeded mini-batches; the result is kept only if the unit's error falls.
import { HalftoneError } from "../../error.ts";
import type { Name } from "../../graph/graph.ts";
import type { Feeds, Machine } from "../../plan/machine.ts";
import { seedOf, shuffle } from "../../tensor/seeded.ts";
import { elementCount } from "../../tensor/shape.ts";
import { floats, tensor } from "../../tensor/tensor.ts";
import type { Unit } from "../unit.ts";
import { type Candidate, judge, targetName, type UnitTask } from "./candidate.ts";
import { samplerFor, type Samples } from "./samples.ts";
import { dropSeed, loss, stepGraph } from "./step_graph.ts";
import { cosine, trainerOn, trainingOf } from "./steps.ts";
import type { Weights } from "./weights.ts";

export type StepSettings = {
  readonly seed: number;
  /** Steps on each unit; a mini-batch has `positions` output positions, but at least `fewest` samples. */
  readonly steps: number;
  readonly positions: number;
  readonly fewest: number;
  /** Initial learning rates by parameter group, see gradient_method.ts. */
  readonly rates: Readonly<Record<string, number>>;
  readonly drops: boolean;
  readonly trainsScales: boolean;
};

/** `before` and `after`: Σ (y − ŷ)² over Σ (y − mean)² of the unit's output. */
export type UnitResult = {
  readonly before: number;
  readonly after: number;
  readonly found?: Candidate;
  /** Why the unit stays as it was. */
  readonly why?: string;
  /** Rejected attempts. */
  readonly note?: string;
};

/** Batch size for evaluating all samples. */
const judgedAtOnce = 32;
/** How many times losses are read and candidates judged during training. */
const readings = 8;
const judgements = 2;

export async function trainUnit(
  task: UnitTask,
  weights: Weights,
  machine: Machine,
  settings: StepSettings,
): Promise<UnitResult> {
  const { unit, parts, samples } = task;
  const power = signalOf(samples);
  const batch = batchOf(samples, settings);
  const errorOf = judge(task, judgedAtOnce, machine);
  const layers = new Map(parts.map(({ point, layer }) => [point.node, layer]));
  const first = await errorOf({ layers, activations: [] });
  const before = first / Math.max(power, Number.MIN_VALUE * 2 ** 60);
  const skip = (why: string): UnitResult => ({ before, after: before, why });
  if (!Number.isFinite(first) || !Number.isFinite(power)) {
    return skip("its values are not finite on these data");
  }
  if (power === 0 || areConstant(samples, unit)) return skip("its inputs are constant or zero on these data");
  if (first === 0) return skip("it has no error to correct");
  try {
    const { best, rejected, why } = await descend(task, {
      weights,
      machine,
      settings,
      batch,
      first,
      errorOf,
    });
    const note = rejected > 0 ? `${rejected} results of its steps rejected` : undefined;
    if (!best) return { ...skip(why ?? "its error would not fall"), note };
    return { before, after: before * (best.error / first), found: best.candidate, note };
  } catch (error) {
    if (!(error instanceof HalftoneError)) throw error;
    return skip(`it takes no gradient steps: ${error.message}`);
  }
}

type JudgedCandidate = { readonly candidate: Candidate; readonly error: number };
type StepRun = {
  readonly weights: Weights;
  readonly machine: Machine;
  readonly settings: StepSettings;
  readonly batch: number;
  readonly first: number;
  readonly errorOf: (candidate: Candidate) => Promise<number>;
};
type StepsResult = { readonly best?: JudgedCandidate; readonly rejected: number; readonly why?: string };

async function descend(
  task: UnitTask,
  { weights, machine, settings, batch, first, errorOf }: StepRun,
): Promise<StepsResult> {
  const { drops, trainsScales, steps, rates } = settings;
  const step = stepGraph(task, { weights, drops, trainsScales, batch, before: first });
  const { graph, shapes, feeds } = samplerFor(step.graph, task.samples, batch, machine);
  const training = trainingOf(graph, loss, step.parameters);
  const batches = batchesOf(task.samples.count, batch, settings.seed);
  const extra = (index: number): Feeds =>
    new Map([
      ...weights.feeds?.(index / steps) ?? [],
      ...drops ? [[dropSeed, tensor("int32", [1], [seedOf(settings.seed, index) | 0])] as const] : [],
    ]);
  const others = [...extra(0)].map(([name, { shape }]) => [name, shape] as const);
  const trainer = trainerOn(machine, training, new Map([...shapes, ...others]));
  let best: JudgedCandidate | undefined;
  let rejected = 0;
  try {
    for (let index = 0; index < steps; index++) {
      const isJudged = weights.settles ? index === steps - 1 : isDue(index, steps, judgements);
      const isRead = isJudged || isDue(index, steps, readings);
      const rateNow = (rate: number) => weights.settles ? rate : cosine(rate, index, steps);
      const now = Object.fromEntries(Object.entries(rates).map(([group, rate]) => [group, rateNow(rate)]));
      const fed = new Map([...feeds(batches(index)), ...extra(index)]);
      const states = isJudged ? [...step.parameters.keys()] : [];
      const found = await trainer.step(fed, now, isRead ? [loss, ...states] : []);
      if (isRead && !Number.isFinite(floats(found.get(loss)!)[0])) {
        return { best, rejected, why: `its loss was not finite after ${index} of ${steps} steps` };
      }
      if (!isJudged) continue;
      const judged = await judgeCandidate(errorOf, () => step.candidate(found));
      if (judged && judged.error < (best?.error ?? first)) best = judged;
      else rejected++;
    }
    return { best, rejected };
  } finally {
    trainer.release();
  }
}

/** Undefined if the parameters have become invalid. */
async function judgeCandidate(
  errorOf: StepRun["errorOf"],
  make: () => Candidate,
): Promise<JudgedCandidate | undefined> {
  try {
    const candidate = make();
    return { candidate, error: await errorOf(candidate) };
  } catch (error) {
    if (error instanceof RangeError || error instanceof HalftoneError) return undefined;
    throw error;
  }
}

/** More samples per step teach nothing, however small they are. */
const mostSamples = 64;

function batchOf({ count, values }: Samples, { positions, fewest }: StepSettings): number {
  const { shape } = values.get(targetName)!;
  const each = shape.length > 2 ? elementCount(shape.slice(2)) : 1;
  return Math.min(Math.max(Math.ceil(positions / each), fewest), mostSamples, count);
}

/** True in the last step of each of `parts` equal parts. */
function isDue(index: number, steps: number, parts: number): boolean {
  return Math.floor((index + 1) * parts / steps) > Math.floor(index * parts / steps);
}

/** The samples of each step: every epoch in another shuffled order. */
export function batchesOf(count: number, batch: number, seed: number): (index: number) => number[] {
  const all = Array.from({ length: count }, (_, i) => i);
  const each = Math.floor(count / batch);
  let [epoch, order] = [-1, all];
  return (index) => {
    const now = Math.floor(index / each);
    if (now !== epoch) [epoch, order] = [now, shuffle(all, seedOf(seed, now))];
    const from = (index % each) * batch;
    return order.slice(from, from + batch);
  };
}

/** Σ (y − mean)² of the output; means are per channel. */
function signalOf({ values }: Samples): number {
  const { shape } = values.get(targetName)!;
  const y = floats(values.get(targetName)!);
  const axis = shape.length > 2 ? 1 : shape.length - 1;
  const inner = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  const sums = new Float64Array(shape[axis]);
  let squares = 0;
  for (let i = 0; i < y.length; i++) {
    sums[Math.floor(i / inner) % shape[axis]] += y[i];
    squares += y[i] * y[i];
  }
  const positions = y.length / shape[axis];
  const found = squares - sums.reduce((sum, one) => sum + one * one, 0) / positions;
  return found > 1e-12 * squares ? found : Number.isFinite(squares) ? 0 : NaN;
}

function areConstant({ values }: Samples, { inputs }: Unit): boolean {
  return inputs.every((name: Name) => {
    const x = floats(values.get(name)!);
    return x.every((v) => v === x[0]);
  });
}
