// An output's samples: where they lie in it, and one by one.
import type { Dim } from "../graph/graph.ts";
import { rangeAt } from "../tensor/stack.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** Samples lie along `axis`, `each` positions a sample. */
export type Split = { readonly axis: number; readonly each: number };

/**
 * Where the samples of a batch of `size` lie: the axis that has the batch's name in the model, else the first that is as
 * long as the batch, else axis 0 where its length is a multiple of that. Undefined for an output that is one for the
 * whole batch, as that of a batch of one is.
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

/** `count` samples from one on. */
export function samplesAt(output: Tensor, { axis, each }: Split, from: number, count: number): Tensor {
  return rangeAt(output, axis, from * each, count * each);
}
