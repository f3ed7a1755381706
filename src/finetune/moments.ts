// Second moments of a layer as a monoid, over its input patch, a one, and its target output. The device sums within a
// batch (shaders/second_moments.wgsl); batches are added here in doubles, in any order.
import type { Tensor } from "../tensor/tensor.ts";
import { floats } from "../tensor/tensor.ts";
import { dot } from "./cholesky.ts";

/**
 * `sums` is [groups, K + 1 + outputs, K + 2]. Rows: the patch of K elements, a one, then y. Columns: the patch, a one,
 * and the square of the row itself. `outputs` counts those of one group.
 */
export type Moments = {
  readonly groups: number;
  readonly depth: number;
  readonly outputs: number;
  readonly sums: Float64Array;
};

/** The moments of one batch. */
export function momentsOf(found: Tensor): Moments {
  const [groups, rows, columns] = found.shape;
  const depth = columns - 2;
  return { groups, depth, outputs: rows - 1 - depth, sums: Float64Array.from(floats(found)) };
}

/** Adds the sums of two parts of the data. */
export function mergeMoments(a: Moments, b: Moments): Moments {
  return { ...a, sums: a.sums.map((sum, i) => sum + b.sums[i]) };
}

/** Adds a batch in place, so that no second K × K array is needed. */
export function addBatch(owned: Moments, batch: Tensor): void {
  const values = floats(batch);
  const { sums } = owned;
  for (let i = 0; i < sums.length; i++) sums[i] += values[i];
}

/** Moments of (output − per-channel offset), by group. */
export function subtractBias(moments: Moments, bias: ArrayLike<number>): Moments {
  const { groups, depth, outputs } = moments;
  const sums = moments.sums.slice();
  const rowAt = (group: number, row: number) => (group * (depth + 1 + outputs) + row) * (depth + 2);
  for (let group = 0; group < groups; group++) {
    const ones = rowAt(group, depth);
    for (let o = 0; o < outputs; o++) {
      const [b, y] = [bias[group * outputs + o], rowAt(group, depth + 1 + o)];
      // Σ (y − b)² = Σ y² − b (2 Σ y − b n), computed before the sum of y itself changes.
      sums[y + depth + 1] -= b * (2 * sums[y + depth] - b * sums[ones + depth]);
      for (let k = 0; k <= depth; k++) sums[y + k] -= b * sums[ones + k];
    }
  }
  return { ...moments, sums };
}

/** Number of positions seen. */
export function positionsOf({ depth, sums }: Moments): number {
  return sums[depth * (depth + 2) + depth];
}

/**
 * One group's objective over a row of weights w and, if `centred`, a free bias: Σ (y − w x − b)² = w H wᵀ − 2 t wᵀ +
 * power; if centred, H, t and power are taken around the means.
 */
export type Objective = {
  readonly depth: number;
  readonly count: number;
  readonly centred: boolean;
  /** [K, K] */
  readonly h: Float64Array;
  /** [outputs, K] */
  readonly t: Float64Array;
  /** [outputs] */
  readonly power: Float64Array;
  /** [K], [outputs] */
  readonly meanX: Float64Array;
  readonly meanY: Float64Array;
};

export function objectiveOf(moments: Moments, group: number, centred: boolean): Objective {
  const { depth, outputs, sums } = moments;
  const columns = depth + 2;
  const first = group * (depth + 1 + outputs) * columns;
  const at = (row: number, column: number) => sums[first + row * columns + column];
  const count = at(depth, depth);
  const meanX = Float64Array.from({ length: depth }, (_, k) => at(depth, k) / count);
  const meanY = Float64Array.from({ length: outputs }, (_, o) => at(depth + 1 + o, depth) / count);
  const part = centred ? count : 0;
  const h = new Float64Array(depth * depth);
  for (let i = 0; i < depth; i++) {
    for (let j = 0; j <= i; j++) {
      const sum = at(i, j) - part * meanX[i] * meanX[j];
      h[i * depth + j] = sum;
      h[j * depth + i] = sum;
    }
  }
  const t = new Float64Array(outputs * depth);
  const power = new Float64Array(outputs);
  for (let o = 0; o < outputs; o++) {
    for (let k = 0; k < depth; k++) {
      t[o * depth + k] = at(depth + 1 + o, k) - part * meanY[o] * meanX[k];
    }
    power[o] = at(depth + 1 + o, depth + 1) - part * meanY[o] ** 2;
  }
  return { depth, count, centred, h, t, power, meanX, meanY };
}

/** Σ (y − w x − b)² of output `o`. */
export function squaredError(
  { depth, count, centred, h, t, power, meanX, meanY }: Objective,
  o: number,
  w: ArrayLike<number>,
  bias: number,
): number {
  let [quadratic, linear, mean] = [0, 0, 0];
  for (let i = 0; i < depth; i++) {
    if (w[i] === 0) continue;
    // H is symmetric.
    quadratic += w[i] * (2 * dot(h, i * depth, w, i) + h[i * depth + i] * w[i]);
    linear += w[i] * t[o * depth + i];
    mean += w[i] * meanX[i];
  }
  const constant = centred ? (meanY[o] - mean - bias) ** 2 : bias * (2 * mean - 2 * meanY[o] + bias);
  return Math.max(0, quadratic - 2 * linear + power[o] + constant * count);
}

/** Σ (y − mean)² of all outputs. */
export function signalOf({ count, centred, power, meanY }: Objective): number {
  return power.reduce((sum, p, o) => sum + (centred ? p : p - count * meanY[o] ** 2), 0);
}
