// Samples to batches.
import type { Batch } from "../plan/machine.ts";
import type { Tensor } from "../tensor/tensor.ts";

export type Labelled = { readonly tensors: ReadonlyMap<string, Tensor>; readonly label?: number };

/**
 * Stacks samples of one shape into one batch of `batchSize`. Where samples are fewer, the last one is
 * repeated, so that the shape is always the plan's; `count` says how many are real.
 */
export function stack(samples: readonly Labelled[], batchSize: number): Batch {
  const feeds = new Map<string, Tensor>();
  for (const [name, first] of samples[0].tensors) {
    const width = first.bytes.length;
    const bytes = new Uint8Array(width * batchSize);
    for (let i = 0; i < batchSize; i++) {
      bytes.set(samples[Math.min(i, samples.length - 1)].tensors.get(name)!.bytes, i * width);
    }
    feeds.set(name, { dtype: first.dtype, shape: [batchSize, ...first.shape], bytes });
  }
  const labels = samples.some(({ label }) => label !== undefined)
    ? samples.map(({ label }) => label)
    : undefined;
  return { feeds, labels, count: samples.length };
}
