// What is learnt from: samples, and what the float network makes of them. A part is held out, to judge by.
import { realSamples } from "../../calibrate/observe.ts";
import { ModelError } from "../../error.ts";
import { producers } from "../../graph/edit.ts";
import type { Graph, Name } from "../../graph/graph.ts";
import { findOp } from "../../ops/table.ts";
import { plansOf } from "../../passes/stages.ts";
import type { Batches, Machine } from "../../plan/machine.ts";
import { stream } from "../../plan/stream.ts";
import { floats } from "../../tensor/tensor.ts";
import { type Samples, samplesOf } from "../gradient/samples.ts";
import { type Target, wantedOf } from "./network.ts";

export type Lessons = {
  readonly samples: Samples;
  readonly targets: readonly Target[];
  /** One a sample; −1 where it has none. */
  readonly labels: readonly number[];
};

/** Samples are kept on the host. */
const mostBytes = 2 ** 31;

/** What to compare of each output: the scores that it is the softmax of, where both graphs have them. */
export function comparedIn(float: Graph, tuned: Graph): Name[] {
  const makers = producers(float);
  const known = producers(tuned);
  const compared = float.outputs.map((name) => {
    const maker = makers.get(name);
    const scores = maker && maker.inputs[findOp(maker)?.scores ?? -1];
    return scores && known.has(scores) && known.has(name) ? scores : name;
  });
  return [...new Set(compared)];
}

/** One sweep over the data. */
export async function lessonsOf(
  float: Graph,
  compared: readonly Name[],
  machine: Machine,
  batches: Batches,
  budgetBytes = mostBytes,
): Promise<Lessons> {
  const labels: number[] = [];
  const teacher = plansOf({ ...float, outputs: compared }, machine.limits);
  async function* answers() {
    for await (
      const { batch, outputs: [found] } of stream(machine, [teacher], realSamples(float, batches()))
    ) {
      for (let i = 0; i < batch.count; i++) labels.push(batch.labels?.[i] ?? -1);
      const feeds = float.inputs.map((name) => batch.feeds.get(name)!);
      yield [...feeds, ...compared.map((name) => found.get(name)!)];
    }
  }
  const names = [...float.inputs, ...compared.map(wantedOf)];
  const samples = await samplesOf(names, answers(), budgetBytes);
  if (!samples) {
    throw new ModelError(
      `Cannot train: outputs "${compared.join('", "')}" are not one answer for each sample of a batch`,
    );
  }
  const targets = compared.map((name): Target => {
    const all = samples.values.get(wantedOf(name))!;
    const y = floats(all);
    const size = Math.sqrt(y.reduce((sum, v) => sum + v * v, 0) / y.length);
    if (size > 0 && Number.isFinite(size)) return { name, shape: all.shape.slice(1), size };
    throw new ModelError(
      `Cannot train towards output "${name}": it is ${size === 0 ? "zero" : "not finite"} on these data`,
    );
  });
  return { samples, targets, labels: labels.slice(0, samples.count) };
}
