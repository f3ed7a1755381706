// Tensors that test/golden/descriptors.py makes, too.
import { elementCount, type Shape } from "../../src/tensor/shape.ts";
import { type Tensor, tensor } from "../../src/tensor/tensor.ts";

const kinds = {
  uniform: (u: number) => u,
  heavy: (u: number) => u / (1.02 - Math.abs(u)),
  positive: (u: number) => Math.max(u * u * u, 0),
};
export type Kind = keyof typeof kinds;

/** Evenly spread numbers in [−1, 1), by a product modulo 2^32, in the distribution of this kind. */
export function spreadTensor(shape: Shape, seed: number, kind: Kind = "uniform", factor = 1): Tensor {
  const values = Float64Array.from({ length: elementCount(shape) }, (_, i) => {
    const product = BigInt(i + seed) * 2654435761n % 2n ** 32n;
    return kinds[kind](Number(product) / 2 ** 31 - 1) * factor;
  });
  return tensor("float32", shape, values);
}
