// Holds out about a tenth of the samples, if there are enough, so that tuning is judged on data it has not seen.
import type { Graph } from "../graph/graph.ts";
import type { Batch, Batches } from "../plan/machine.ts";
import { rangeAt } from "../tensor/stack.ts";

export type HeldOut = {
  readonly tuning: Batches;
  readonly judging: Batches;
  /** Number of held-out samples; 0 if the samples tuned on are also the judge. */
  readonly count: number;
};

/** With fewer samples, all are needed for tuning. */
const fewest = 16;
/** Smaller batches are held out whole. */
const fewestCut = 4;

/** Holds out the last samples of every batch; whole batches if the model fixes the batch size. */
export async function holdOut(graph: Graph, batches: Batches): Promise<HeldOut> {
  const counts: number[] = [];
  let areCut = true;
  for await (const { count, feeds } of batches()) {
    counts.push(count);
    areCut &&= canCut(graph, feeds);
  }
  const total = counts.reduce((sum, count) => sum + count, 0);
  const held = areCut && counts[0] >= fewestCut ? counts.map(countHeldOut) : wholeBatchesHeldOut(counts);
  const count = held.reduce((sum, rows) => sum + rows, 0);
  if (total < fewest || count === 0) return { tuning: batches, judging: batches, count: 0 };
  const parts = (from: (place: number) => number, to: (place: number) => number): Batches =>
    async function* () {
      let place = 0;
      for await (const batch of batches()) {
        const [first, end] = [from(place), to(place)];
        if (end > first) yield partOf(batch, first, end);
        place++;
      }
    };
  const keptCount = (place: number) => counts[place] - held[place];
  return { tuning: parts(() => 0, keptCount), judging: parts(keptCount, (place) => counts[place]), count };
}

const countHeldOut = (count: number) => count < 2 ? 0 : Math.max(1, Math.floor(count / 10));

/** Every tenth batch; of fewer than ten, the last. */
function wholeBatchesHeldOut(counts: readonly number[]): number[] {
  const every = Math.min(10, counts.length);
  return counts.map((count, place) => counts.length > 1 && place % every === every - 1 ? count : 0);
}

/** Whether every input holds its samples along axis 0 and accepts any number of them. */
function canCut({ inputs, values }: Graph, feeds: Batch["feeds"]): boolean {
  const rows = feeds.get(inputs[0])?.shape[0];
  return inputs.every((name) => {
    const [size] = values.get(name)?.shape ?? [];
    return typeof size !== "number" && feeds.get(name)?.shape[0] === rows;
  });
}

function partOf(batch: Batch, from: number, to: number): Batch {
  if (from === 0 && to === batch.count) return batch;
  const feeds = new Map(
    [...batch.feeds].map(([name, feed]) => [name, rangeAt(feed, 0, from, to - from)]),
  );
  return { ...batch, feeds, labels: batch.labels?.slice(from, to), count: to - from };
}
