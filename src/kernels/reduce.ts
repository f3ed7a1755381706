// Reductions along one axis of [outer][count][inner]. The index in `reduceKinds` is the shader's `kind`.
import { kernel } from "./kernel.ts";

export const reduceKinds = ["sum", "mean", "max", "min", "product", "l1", "l2", "sumOfSquares"] as const;
export type ReduceKind = (typeof reduceKinds)[number];

const steps: Record<ReduceKind, (sum: number, v: number) => number> = {
  sum: (sum, v) => sum + v,
  mean: (sum, v) => sum + v,
  max: Math.max,
  min: Math.min,
  product: (sum, v) => sum * v,
  l1: (sum, v) => sum + Math.abs(v),
  l2: (sum, v) => sum + v * v,
  sumOfSquares: (sum, v) => sum + v * v,
};
const starts: Partial<Record<ReduceKind, number>> = { max: -Infinity, min: Infinity, product: 1 };

export const reduce = kernel("reduce", {
  writes: ["y"],
  grid: (n) => [Math.ceil((n.outer * n.inner) / 64)],
  reference({ x, y }, n) {
    const kind = reduceKinds[n.kind];
    const step = steps[kind];
    for (let line = 0; line < n.outer * n.inner; line++) {
      const first = Math.floor(line / n.inner) * n.count * n.inner + (line % n.inner);
      let result = starts[kind] ?? 0;
      for (let k = 0; k < n.count; k++) result = step(result, x[first + k * n.inner]);
      y[line] = kind === "mean" ? result / n.count : kind === "l2" ? Math.sqrt(result) : result;
    }
  },
});
