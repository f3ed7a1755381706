// One row of weights onto a grid: rounding with the error fed into the columns not yet rounded (OBQ and GPTQ,
// arXiv 2210.17323; in the form of Babai's nearest plane, which needs one Cholesky factor and no inverse), then
// coordinate descent until no code moves. Both minimise w H wᵀ − 2 t wᵀ for w = scale · codes.
import { factorize, solveFactored } from "./cholesky.ts";
import type { Objective } from "./moments.ts";

export type Grid = { readonly low: number; readonly high: number };

/** A group's objective made ready for its rows: columns in order, the most important last. */
export type Ready = {
  readonly objective: Objective;
  /** Column of each place. */
  readonly order: Int32Array;
  /** Lower factor of the damped H in that order. */
  readonly lower: Float64Array;
  readonly damping: number;
};

/** Damps H by this share of its mean diagonal (GPTQ takes 1e-2; 1e-3 measured better here, design of second-moment). */
const dampingShare = 1e-3;

/** Undefined where H is zero or holds what is no number. More damping is tried before giving up. */
export function makeReady(objective: Objective): Ready | undefined {
  const { depth, h } = objective;
  const diagonal = Float64Array.from({ length: depth }, (_, k) => h[k * depth + k]);
  const mean = diagonal.reduce((a, b) => a + b, 0) / depth;
  if (!(mean > 0 && Number.isFinite(mean)) || h.some((v) => !Number.isFinite(v))) return undefined;
  const order = Int32Array.from(diagonal.keys()).sort((a, b) => diagonal[a] - diagonal[b] || a - b);
  for (let share = dampingShare; share <= 1; share *= 10) {
    const damping = share * mean;
    const lower = new Float64Array(depth * depth);
    for (let i = 0; i < depth; i++) {
      for (let j = 0; j <= i; j++) lower[i * depth + j] = h[order[i] * depth + order[j]];
      lower[i * depth + i] += damping;
    }
    if (factorize(lower, depth)) return { objective, order, lower, damping };
  }
  return undefined;
}

/** The row of real numbers that is best, drawn towards the float weights where the data say nothing; in `order`. */
export function continuous({ objective, order, lower, damping }: Ready, o: number, weights: Float64Array) {
  const { depth, t } = objective;
  const row = Float64Array.from(order, (k) => t[o * depth + k] + damping * weights[k]);
  solveFactored(lower, depth, row);
  return row;
}

/** Codes of a row, by column, with the error of each rounding fed forward; `best` is in `order`. */
export function feedForward(
  { objective: { depth }, order, lower }: Ready,
  best: Float64Array,
  scale: number,
  grid: Grid,
) {
  const codes = new Float64Array(depth);
  const missing = new Float64Array(depth);
  for (let i = depth - 1; i >= 0; i--) {
    const pivot = lower[i * depth + i];
    const wanted = best[i] + missing[i] / pivot;
    const code = clipped(wanted / scale, grid);
    codes[order[i]] = code;
    const error = best[i] - code * scale;
    if (error === 0) continue;
    for (let j = 0; j < i; j++) missing[j] += lower[i * depth + j] * error;
  }
  return codes;
}

const mostSweeps = 50;

/** Moves codes one at a time to where they are best given all others, until none moves. Works on `codes`. */
export function descend(
  { depth, h, t }: Objective,
  o: number,
  codes: Float64Array,
  scale: number,
  grid: Grid,
): void {
  const gradient = t.slice(o * depth, (o + 1) * depth);
  for (let k = 0; k < depth; k++) if (codes[k] !== 0) subtract(gradient, h, k, depth, codes[k] * scale);
  for (let sweep = 0; sweep < mostSweeps; sweep++) {
    let moved = false;
    for (let k = 0; k < depth; k++) {
      const curvature = h[k * depth + k];
      if (!(curvature > 0)) continue;
      const code = clipped(codes[k] + gradient[k] / (curvature * scale), grid);
      if (code === codes[k]) continue;
      subtract(gradient, h, k, depth, (code - codes[k]) * scale);
      codes[k] = code;
      moved = true;
    }
    if (!moved) return;
  }
}

function subtract(gradient: Float64Array, h: Float64Array, k: number, depth: number, step: number) {
  const first = k * depth;
  for (let j = 0; j < depth; j++) gradient[j] -= h[first + j] * step;
}

/** q · t and q H qᵀ: the error is scale² · square − 2 · scale · dot + power, least at scale = dot / square. */
export function productsOf({ depth, h, t }: Objective, o: number, codes: Float64Array) {
  let [dot, square] = [0, 0];
  for (let i = 0; i < depth; i++) {
    if (codes[i] === 0) continue;
    let sum = 0;
    for (let j = 0; j < depth; j++) sum += h[i * depth + j] * codes[j];
    square += codes[i] * sum;
    dot += codes[i] * t[o * depth + i];
  }
  return { dot, square };
}

function clipped(code: number, { low, high }: Grid): number {
  // Adding and subtracting 1.5·2^52 rounds half to even.
  const whole = code + 6755399441055744 - 6755399441055744;
  return whole < low ? low : whole > high ? high : whole;
}
