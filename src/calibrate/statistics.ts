// Statistics of a tensor as monoids: empty, of values, merge; so batches may come in any order, in shards or after an
// interruption. Minmax merges exactly; moments are sums in double, exact up to their last bits.
import { flushSubnormal } from "../kernels/range.ts";

/** Smallest and largest finite value (Infinity, −Infinity if there is none), and how many are not finite. */
export type MinMax = { readonly low: number; readonly high: number; readonly nonFinite: number };

/** Count, sum and sum of squares of the finite values. */
export type Moments = { readonly count: number; readonly sum: number; readonly squares: number };

export const emptyMinMax: MinMax = { low: Infinity, high: -Infinity, nonFinite: 0 };
export const emptyMoments: Moments = { count: 0, sum: 0, squares: 0 };

export function minMaxOf(values: Float32Array): MinMax {
  let low = Infinity;
  let high = -Infinity;
  let nonFinite = 0;
  for (let i = 0; i < values.length; i++) {
    const x = flushSubnormal(values[i]);
    if (!Number.isFinite(x)) nonFinite++;
    else {
      if (x < low) low = x;
      if (x > high) high = x;
    }
  }
  return { low, high, nonFinite };
}

export function mergeMinMax(a: MinMax, b: MinMax): MinMax {
  return {
    low: Math.min(a.low, b.low),
    high: Math.max(a.high, b.high),
    nonFinite: a.nonFinite + b.nonFinite,
  };
}

export function momentsOf(values: Float32Array): Moments {
  let count = 0;
  let sum = 0;
  let squares = 0;
  for (const x of values) {
    if (!Number.isFinite(x)) continue;
    count++;
    sum += x;
    squares += x * x;
  }
  return { count, sum, squares };
}

export function mergeMoments(a: Moments, b: Moments): Moments {
  return { count: a.count + b.count, sum: a.sum + b.sum, squares: a.squares + b.squares };
}
