// Stacks samples into batches.
import type { Batch } from "../plan/machine.ts";
import { stackAt } from "../tensor/stack.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { BatchLayout } from "./layout.ts";

export type LabelledSample = { readonly tensors: ReadonlyMap<string, Tensor>; readonly label?: number };

/**
 * Stacks samples of one shape. If there are fewer than the batch size, the last one is repeated, so that the shape
 * always matches the plan; `count` is the number of real ones.
 */
export function stack(samples: readonly LabelledSample[], { size, places }: BatchLayout): Batch {
  const feeds = new Map<string, Tensor>();
  const at = (name: string, i: number) => samples[Math.min(i, samples.length - 1)].tensors.get(name)!;
  for (const [name, first] of samples[0].tensors) {
    const place = places.get(name);
    if (!place) feeds.set(name, first);
    else {
      const others = Array.from({ length: place.count - 1 }, (_, i) => at(name, i + 1));
      feeds.set(name, stackAt([first, ...others], place.axis));
    }
  }
  const labels = samples.some(({ label }) => label !== undefined)
    ? samples.map(({ label }) => label)
    : undefined;
  const axes = new Map(
    [...places].flatMap(([name, { axis, count }]) => count === size ? [[name, axis]] : []),
  );
  return { feeds, labels, count: samples.length, axes };
}
