// The scheduler: submits batches while earlier ones are still running, with a bounded number in flight and results in
// order. The next batch is decoded meanwhile.
import type { Batch, Outputs } from "./machine.ts";

/** Runs a graph on a batch. */
export type Run = ((batch: Batch) => Promise<Outputs>) & {
  /** Frees everything that the machine keeps for the graph. */
  readonly release: () => void;
};

/** Runs each batch through all runs; yields their outputs batch by batch, then releases the runs. */
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

/** One batch computes while one waits; more would only use memory. */
const mostInFlight = 2;
