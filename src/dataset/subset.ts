// Which samples of a data set are read, in which order.
import { ConfigError } from "../error.ts";
import { shuffle } from "../tensor/seeded.ts";

export type Sampling = "first" | "random";

/**
 * Indices of `count` samples out of `total`. "first" keeps the order of the files. "random" shuffles by `seed`: with
 * labels the classes take turns, so that a small subset covers them all and every batch is mixed; without labels the
 * drawn samples keep the order of the files, because tensors in large files are read fastest that way.
 */
export function chooseSamples(
  total: number,
  count: number,
  sampling: Sampling,
  seed: number,
  labels?: readonly (number | undefined)[],
): number[] {
  const all = Array.from({ length: total }, (_, index) => index);
  if (sampling === "first") return all.slice(0, count);
  const drawn = shuffle(all, seed);
  if (!labels) return drawn.slice(0, count).sort((a, b) => a - b);
  return takeTurns(drawn, labels).slice(0, count);
}

function takeTurns(drawn: readonly number[], labels: readonly (number | undefined)[]): number[] {
  const rounds: number[][] = [];
  const seen = new Map<number | undefined, number>();
  for (const index of drawn) {
    const round = seen.get(labels[index]) ?? 0;
    seen.set(labels[index], round + 1);
    (rounds[round] ??= []).push(index);
  }
  return rounds.flat();
}

/** Part `index` of `of` parts of a data set, counted from 1. */
export type Shard = { readonly index: number; readonly of: number };

/**
 * The samples of a shard: consecutive whole batches, so that all shards together see exactly the batches of a single
 * sweep.
 */
export function shardOf(order: readonly number[], batchSize: number, { index, of }: Shard): number[] {
  const batches = Math.ceil(order.length / batchSize);
  if (!(Number.isInteger(of) && of >= 1 && Number.isInteger(index) && index >= 1 && index <= of)) {
    throw new ConfigError(
      `Cannot take shard ${index} of ${of}: expected a whole number from 1 to their count`,
    );
  }
  if (of > batches) {
    throw new ConfigError(
      `Cannot take shard ${index} of ${of}: the data are ${batches} batches of ${batchSize}, expected at most ` +
        `${batches} shards; lower the count of shards or --batch-size`,
    );
  }
  const edge = (part: number) => Math.floor((part * batches) / of) * batchSize;
  return order.slice(edge(index - 1), edge(index));
}
