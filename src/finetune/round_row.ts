// Rounds one row of weights to a grid: first with the error fed into the columns not yet rounded (OBQ and GPTQ, arXiv
// 2210.17323; in the form of Babai's nearest plane, which needs one Cholesky factor and no inverse), then by coordinate
// descent until no code moves. Both minimise w H wᵀ − 2 t wᵀ for w = scale · codes.
import { dot, factorize, rowStart, solveFactored } from "./cholesky.ts";
import type { Objective } from "./moments.ts";

export type Grid = { readonly low: number; readonly high: number };

/** A group's objective, factored for all its rows: columns are sorted, the most important last. */
export type FactoredObjective = {
  readonly objective: Objective;
  /** The column at each position of that order. */
  readonly order: Int32Array;
  /** Lower Cholesky factor of the damped H in that order, packed. */
  readonly lower: Float64Array;
  readonly damping: number;
};

/**
 * Damps H by this share of its mean diagonal (GPTQ uses 1e-2; 1e-3 measured better here, see
 * docs/decisions/finetuning.md).
 */
const dampingShare = 1e-3;

/** Undefined if H is zero or contains NaN; retries with more damping first. */
export function factorObjective(objective: Objective): FactoredObjective | undefined {
  const { depth, h } = objective;
  const diagonal = Float64Array.from({ length: depth }, (_, k) => h[k * depth + k]);
  const mean = diagonal.reduce((a, b) => a + b, 0) / depth;
  if (!(mean > 0 && Number.isFinite(mean)) || h.some((v) => !Number.isFinite(v))) return undefined;
  const order = Int32Array.from(diagonal.keys()).sort((a, b) => diagonal[a] - diagonal[b] || a - b);
  const lower = new Float64Array(rowStart(depth));
  for (let share = dampingShare; share <= 1; share *= 10) {
    const damping = share * mean;
    for (let i = 0; i < depth; i++) {
      const row = rowStart(i);
      for (let j = 0; j <= i; j++) lower[row + j] = h[order[i] * depth + order[j]];
      lower[row + i] += damping;
    }
    if (factorize(lower, depth)) return { objective, order, lower, damping };
  }
  return undefined;
}

/** The best row of real numbers, in `order`; the damping pulls it to the float weights where the data do not decide. */
export function solveContinuous(
  { objective, order, lower, damping }: FactoredObjective,
  o: number,
  weights: Float64Array,
) {
  const { depth, t } = objective;
  const row = Float64Array.from(order, (k) => t[o * depth + k] + damping * weights[k]);
  solveFactored(lower, depth, row);
  return row;
}

/**
 * Codes of a row, by column, with each rounding error fed forward, and their cost over the best real numbers; `best` is
 * in `order`. All scales are tried at once, because the factor of a long row fits into no cache.
 */
export function feedForward(
  { objective: { depth }, order, lower }: FactoredObjective,
  best: Float64Array,
  scales: readonly number[],
  grid: Grid,
) {
  const lanes = scales.map((scale) => ({
    scale,
    codes: new Float64Array(depth),
    missing: new Float64Array(depth),
    error: 0,
  }));
  for (let i = depth - 1; i >= 0; i--) {
    const row = rowStart(i);
    const pivot = lower[row + i];
    for (const lane of lanes) {
      const { scale, missing } = lane;
      const wanted = best[i] + missing[i] / pivot;
      const code = clip(wanted / scale, grid);
      lane.codes[order[i]] = code;
      lane.error += (pivot * (wanted - code * scale)) ** 2;
      const error = best[i] - code * scale;
      if (error === 0) continue;
      for (let j = 0; j < i; j++) missing[j] += lower[row + j] * error;
    }
  }
  return lanes.map(({ codes, error }) => ({ codes, error }));
}

const mostSweeps = 50;

/** H q, which descent keeps up to date: K operations per moved code instead of K² per evaluation. */
export function productWith({ depth, h }: Objective, codes: Float64Array): Float64Array {
  const product = new Float64Array(depth);
  let k = 0;
  for (; k + 3 < depth; k += 4) {
    const [a, b, c, d] = [codes[k], codes[k + 1], codes[k + 2], codes[k + 3]];
    if (a === 0 && b === 0 && c === 0 && d === 0) continue;
    const [p, q, r, s] = [k * depth, (k + 1) * depth, (k + 2) * depth, (k + 3) * depth];
    for (let j = 0; j < depth; j++) product[j] += a * h[p + j] + b * h[q + j] + (c * h[r + j] + d * h[s + j]);
  }
  for (; k < depth; k++) addRow(product, h, k, depth, codes[k]);
  return product;
}

/**
 * Moves codes one at a time to their best value given all others, until none moves. Changes `codes` and their `product`
 * with H in place.
 */
export function descend(
  { depth, h, t }: Objective,
  o: number,
  { codes, product }: { readonly codes: Float64Array; readonly product: Float64Array },
  scale: number,
  grid: Grid,
): void {
  for (let sweep = 0; sweep < mostSweeps; sweep++) {
    let moved = false;
    for (let k = 0; k < depth; k++) {
      const curvature = h[k * depth + k];
      if (!(curvature > 0)) continue;
      const gradient = t[o * depth + k] - scale * product[k];
      const code = clip(codes[k] + gradient / (curvature * scale), grid);
      if (code === codes[k]) continue;
      addRow(product, h, k, depth, code - codes[k]);
      codes[k] = code;
      moved = true;
    }
    if (!moved) return;
  }
}

function addRow(product: Float64Array, h: Float64Array, k: number, depth: number, step: number) {
  if (step === 0) return;
  const first = k * depth;
  for (let j = 0; j < depth; j++) product[j] += h[first + j] * step;
}

/** q · t and q H qᵀ: the error is scale² · square − 2 · scale · linear + power, smallest at scale = linear / square. */
export function productsOf(
  { depth, t }: Objective,
  o: number,
  { codes, product }: { readonly codes: Float64Array; readonly product: Float64Array },
) {
  return { linear: dot(t, o * depth, codes, depth), square: dot(product, 0, codes, depth) };
}

function clip(code: number, { low, high }: Grid): number {
  // Adding and subtracting 1.5·2^52 rounds half to even.
  const whole = code + 6755399441055744 - 6755399441055744;
  return whole < low ? low : whole > high ? high : whole;
}
