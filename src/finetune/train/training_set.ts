// The training data: samples, and the float network's outputs for them. Some are held out for judging.
import { realSamples } from "../../calibrate/observe.ts";
import { ConfigError, ModelError, UnsupportedError } from "../../error.ts";
import { producers } from "../../graph/edit.ts";
import type { Graph, Name } from "../../graph/graph.ts";
import { findOp } from "../../ops/table.ts";
import { axesOf, type Batch, type Batches, type Machine } from "../../plan/machine.ts";
import { record, sweep } from "../../run/sweep.ts";
import { floats, type Tensor, tensor } from "../../tensor/tensor.ts";
import { type Samples, samplesOf } from "../gradient/samples.ts";
import { labels, type Target, targetNameOf } from "./trainable_network.ts";

/** Samples with their targets, and with labels if those are used. */
export type TrainingSet = { readonly samples: Samples; readonly targets: readonly Target[] };

/** A value to compare; `areScores`: the network's output is its softmax. */
export type Compared = { readonly name: Name; readonly areScores: boolean };

/** Samples are kept on the host. */
const mostBytes = 2 ** 31;

/**
 * Compares scores instead of their softmax if both graphs have them; with labels, the first output counts as scores.
 */
export function outputsToCompare(float: Graph, tuned: Graph, labelled: boolean): Compared[] {
  const [makers, known] = [producers(float), producers(tuned)];
  const compared = float.outputs.map((name, i): Compared => {
    const maker = makers.get(name);
    const scores = maker && maker.inputs[findOp(maker)?.algebra.softmaxOf ?? -1];
    if (scores && known.has(scores)) return { name: scores, areScores: true };
    return { name, areScores: labelled && i === 0 };
  });
  return compared.filter(({ name }, i) => compared.findIndex((one) => one.name === name) === i);
}

/** Runs the float network over the data once. */
export async function trainingSetOf(
  float: Graph,
  compared: readonly Compared[],
  machine: Machine,
  batches: Batches,
  { labelled, budgetBytes = mostBytes }: { readonly labelled: boolean; readonly budgetBytes?: number },
): Promise<TrainingSet> {
  const found: (number | undefined)[] = [];
  const outputs = compared.map(({ name }) => name);
  const teacher = { ...float, outputs };
  async function* answers() {
    const data = realSamples(float, record(machine, float, batches)());
    for await (const { batch, outputs: [answer] } of sweep(machine, [teacher], data)) {
      const feeds = float.inputs.map((name) => batch.feeds.get(name)!);
      requireBatchFirst(float, batch);
      const rows = feeds[0].shape[0];
      for (let i = 0; i < rows; i++) found.push(i < batch.count ? batch.labels?.[i] : undefined);
      yield [...feeds, ...outputs.map((name) => answer.get(name)!)];
    }
  }
  const names = [...float.inputs, ...outputs.map(targetNameOf)];
  const samples = await samplesOf(names, answers(), budgetBytes);
  if (!samples) {
    throw new ModelError(
      `Cannot train: outputs "${outputs.join('", "')}" do not have one answer for each sample of a batch`,
    );
  }
  const targets = compared.map((one) => targetIn(samples, one));
  if (!labelled) return { samples, targets };
  const values = new Map(samples.values).set(labels, labelsOf(found.slice(0, samples.count), targets[0]));
  return { samples: { ...samples, values }, targets };
}

/** Mini-batches are taken along axis 0. */
function requireBatchFirst({ inputs }: Graph, batch: Batch): void {
  const axes = axesOf(batch);
  const other = inputs.find((name) => axes.get(name) !== 0);
  if (other === undefined) return;
  throw new UnsupportedError(
    `Cannot train: input "${other}" has its samples along ${
      axes.has(other) ? `axis ${axes.get(other)}` : "no axis"
    }, expected axis 0 of every input`,
  );
}

function targetIn({ values }: Samples, { name, areScores }: Compared): Target {
  const all = values.get(targetNameOf(name))!;
  const y = floats(all);
  const size = Math.sqrt(y.reduce((sum, v) => sum + v * v, 0) / y.length);
  if (size > 0 && Number.isFinite(size)) return { name, shape: all.shape.slice(1), size, areScores };
  throw new ModelError(
    `Cannot train towards "${name}": it is ${
      size === 0 ? "zero" : "not finite"
    } on these data, expected numbers`,
  );
}

/** Labels of all samples; −1 for samples without one. */
function labelsOf(found: readonly (number | undefined)[], { name, shape }: Target): Tensor {
  const [classes = 1, ...places] = shape;
  if (places.some((count) => count !== 1)) {
    throw new ConfigError(
      `Cannot train with labels: "${name}" is [${shape}] for each sample, expected one score per class; leave labels out ` +
        "with --no-cross-entropy",
    );
  }
  const beyond = found.find((label) => label !== undefined && !(label >= 0 && label < classes));
  if (beyond !== undefined) {
    throw new ConfigError(
      `Cannot train with label ${beyond}: the model scores ${classes} classes, expected 0 to ${classes - 1}`,
    );
  }
  return tensor("int32", [found.length, ...places], found.map((label) => label ?? -1));
}
