// An evaluation with a listener, so that other comparisons can reuse what was decoded and computed.
import type { Dataset } from "../src/dataset/mod.ts";
import type { Graph } from "../src/graph/graph.ts";
import { evaluate, type Evaluation } from "../src/mod.ts";
import type { Batch, Feeds, Machine, Outputs } from "../src/plan/machine.ts";
import type { Plan } from "../src/plan/plan.ts";

/** `which`: 0 for the float model, 1 for the quantized one. */
export type Listener = (which: 0 | 1, batch: Batch, outputs: Outputs) => Promise<void>;

export function evaluateWithListener(
  float: Graph,
  quantized: Graph,
  dataset: Pick<Dataset, "count" | "batches">,
  machine: Machine,
  listener: Listener,
  update: (done: number, total: number) => void,
): Promise<Evaluation> {
  const batchOf = new Map<Feeds, Batch>();
  async function* batches() {
    for await (const batch of dataset.batches()) {
      batchOf.set(batch.feeds, batch);
      yield batch;
    }
  }
  // All batches have one shape, so there are two plans, and the float model's runs first.
  const plans: Plan[] = [];
  let before = Promise.resolve();
  const run = async (plan: Plan, feeds: Feeds) => {
    if (!plans.includes(plan)) plans.push(plan);
    const which = plans.indexOf(plan) as 0 | 1;
    const outputs = await machine.run(plan, feeds);
    before = before.then(() => listener(which, batchOf.get(feeds)!, outputs));
    await before;
    if (which === 1) batchOf.delete(feeds);
    return outputs;
  };
  return evaluate(float, quantized, { count: dataset.count, batches }, { ...machine, run }, update);
}
