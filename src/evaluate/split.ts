// Splits an output into samples.
import type { Dim } from "../graph/graph.ts";
import { rangeAt } from "../tensor/stack.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** Samples are along `axis`, `each` positions per sample. */
export type Split = { readonly axis: number; readonly each: number };

/**
 * Where the samples of a batch of `size` are: along the axis that the model names like the batch, else the first axis
 * of that length, else axis 0 if its length is a multiple. Undefined for an output that belongs to the whole batch, as
 * it does for a batch of one.
 */
export function splitOf(
  { shape }: Tensor,
  declared: readonly Dim[] | undefined,
  batchNames: ReadonlySet<Dim>,
  size: number,
): Split | undefined {
  if (size === 1) return undefined;
  const isBatch = (dim: number, axis: number) => dim === size && batchNames.has(declared?.[axis] ?? "");
  const named = shape.findIndex(isBatch);
  const axis = named >= 0 ? named : shape.indexOf(size);
  if (axis >= 0) return { axis, each: 1 };
  return shape.length > 0 && shape[0] > 0 && shape[0] % size === 0
    ? { axis: 0, each: shape[0] / size }
    : undefined;
}

/** `count` samples, beginning with sample `from`. */
export function samplesAt(output: Tensor, { axis, each }: Split, from: number, count: number): Tensor {
  return rangeAt(output, axis, from * each, count * each);
}
