// The scheduler: batches go to the machine while earlier ones are still on their way back, a bounded number in flight,
// results in order. The next batch is decoded meanwhile.
import type { Batch, Feeds, Machine, Outputs } from "./machine.ts";
import type { Plan } from "./plan.ts";

/** Plans by what is fed. */
export type PlanOf = ((feeds: Feeds) => Plan) & { readonly made: () => Iterable<Plan> };

/** Runs each batch by one plan or several on a machine; yields the outputs of all of them, batch by batch. */
export async function* stream(
  machine: Machine,
  planOfs: readonly PlanOf[],
  batches: AsyncIterable<Batch>,
): AsyncGenerator<{ batch: Batch; outputs: Outputs[] }> {
  const inFlight: Promise<{ batch: Batch; outputs: Outputs[] }>[] = [];
  try {
    for await (const batch of batches) {
      const runs = planOfs.map((planOf) => machine.run(planOf(batch.feeds), batch.feeds));
      const all = Promise.all(runs).then((outputs) => ({ batch, outputs }));
      all.catch(() => {});
      inFlight.push(all);
      if (inFlight.length > mostInFlight) yield await inFlight.shift()!;
    }
    while (inFlight.length > 0) yield await inFlight.shift()!;
  } finally {
    await Promise.allSettled(inFlight);
    for (const planOf of planOfs) for (const plan of planOf.made()) machine.release(plan);
  }
}

/** One batch computes, one waits for it: more would only hold memory. */
const mostInFlight = 2;
