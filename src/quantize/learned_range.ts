// A clipping range that gradients learn (pytorch-quantization's Clip): inside, gradients pass to the tensor; those of
// elements beyond an end belong to that end.
import { floats, type Tensor, tensorOver } from "../tensor/tensor.ts";

export type LearnedRange = { readonly low: number; readonly high: number };

export function clipWithin(x: Tensor, { low, high }: LearnedRange): Tensor {
  const clipped = floats(x).map((value) => Math.min(Math.max(value, low), high));
  return tensorOver("float32", x.shape, clipped);
}

/**
 * The gradients of a clipped tensor's input and of both ends, from that of its output; rounding counts as the identity.
 *
 * ```ts
 * const { low, high } = clipGradients(x, quantizer.learnedRange, gradient);
 * ```
 */
export function clipGradients(
  x: Float32Array,
  { low, high }: LearnedRange,
  gradient: Float32Array,
): { readonly x: Float32Array; readonly low: number; readonly high: number } {
  const ends = { low: 0, high: 0 };
  const inside = gradient.map((slope, i) => {
    if (x[i] <= low) ends.low += slope;
    else if (x[i] >= high) ends.high += slope;
    else return slope;
    return 0;
  });
  return { x: inside, ...ends };
}
