// The scheduler: batches go to the machine while earlier ones are still on their way back, a bounded number in flight,
// results in order. The next batch is decoded meanwhile.
import type { Batch, Outputs } from "./machine.ts";

/** Runs a graph on a batch. */
export type Run = ((batch: Batch) => Promise<Outputs>) & {
  /** Frees what the machine keeps for the graph. */
  readonly release: () => void;
};

/** Gives each batch to all runs; yields the outputs of all of them, batch by batch, and releases the runs. */
export async function* stream(
  runs: readonly Run[],
  batches: AsyncIterable<Batch>,
): AsyncGenerator<{ batch: Batch; outputs: Outputs[] }> {
  const inFlight: Promise<{ batch: Batch; outputs: Outputs[] }>[] = [];
  try {
    for await (const batch of batches) {
      const all = Promise.all(runs.map((run) => run(batch))).then((outputs) => ({ batch, outputs }));
      all.catch(() => {});
      inFlight.push(all);
      if (inFlight.length > mostInFlight) yield await inFlight.shift()!;
    }
    while (inFlight.length > 0) yield await inFlight.shift()!;
  } finally {
    await Promise.allSettled(inFlight);
    for (const run of runs) run.release();
  }
}

/** One batch computes, one waits for it: more would only hold memory. */
const mostInFlight = 2;
