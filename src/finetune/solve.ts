// A layer's codes and scales from its second moments: tries several initial scales per row (or per layer, if it has one
// scale), rounds with error feedback, then alternates coordinate descent and the closed-form scale; keeps the best.
// Exact on the measured data, and independent of their order up to rounding.
import { type Objective } from "./moments.ts";
import {
  descend,
  type FactoredObjective,
  feedForward,
  type Grid,
  productsOf,
  productWith,
  solveContinuous,
} from "./round_row.ts";

/** A row of weights with the objective of its group; `o` is its index there. */
export type Row = { readonly ready: FactoredObjective; readonly o: number; readonly weights: Float64Array };
export type Solved = { readonly scale: number; readonly codes: Float64Array[]; readonly error: number };

/** Initial scales as shares of the calibrated one: minimum-error scales of weights are too wide for low widths. */
const shares = [1.3, 1.15, 1.05, 1, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.6, 0.5];
const refits = 4;

/**
 * Longer rows (all models of bench finetune have shorter ones) try few initial scales and refine only the best, because
 * each costs K².
 */
const longRow = 1152;
const sharesOfLong = [1.15, 1, 0.85, 0.7];

/** Codes of rows that share a scale. `fixed`: the scale must not change. */
export function solveRows(rows: readonly Row[], scale: number, grid: Grid, fixed = false): Solved {
  const bests = rows.map(({ ready, o, weights }) => solveContinuous(ready, o, weights));
  const isLong = bests.some(({ length }) => length > longRow);
  const firsts = (fixed ? [1] : isLong ? sharesOfLong : shares).map((share) => Math.fround(scale * share));
  const rounded = rows.map(({ ready }, i) => feedForward(ready, bests[i], firsts, grid));
  const starts = firsts.map((first, which) => ({
    first,
    codes: rounded.map((lanes) => lanes[which].codes),
    error: rounded.reduce((sum, lanes) => sum + lanes[which].error, 0),
  }));
  const chosen = isLong ? [starts.reduce((a, b) => b.error < a.error ? b : a)] : starts;
  return chosen.map(({ first, codes }) => refine(rows, first, codes, grid, fixed))
    .reduce((a, b) => b.error < a.error ? b : a);
}

/** Alternates coordinate descent and scale updates, starting from these codes. */
export function refine(
  rows: readonly Row[],
  first: number,
  codes: Float64Array[],
  grid: Grid,
  fixed = false,
): Solved {
  let scale = first;
  let best: Solved = { scale, codes: [], error: Infinity };
  const states = rows.map(({ ready }, i) => ({
    codes: codes[i],
    product: productWith(ready.objective, codes[i]),
  }));
  for (let round = 0; round < refits; round++) {
    rows.forEach(({ ready, o }, i) => descend(ready.objective, o, states[i], scale, grid));
    const sums = rows.map(({ ready, o }, i) => productsOf(ready.objective, o, states[i]));
    const [linear, square] = sums.reduce(([l, s], one) => [l + one.linear, s + one.square], [0, 0]);
    const fitted = !fixed && square > 0 && linear > 0 ? Math.fround(linear / square) : scale;
    const error = errorAt(rows, fitted, linear, square);
    if (!(error < best.error)) break;
    best = { scale: fitted, codes: codes.map((row) => row.slice()), error };
    if (fitted === scale) break;
    scale = fitted;
  }
  return best;
}

function errorAt(rows: readonly Row[], scale: number, linear: number, square: number): number {
  const power = rows.reduce((sum, { ready, o }) => sum + powerOf(ready.objective, o), 0);
  return scale * scale * square - 2 * scale * linear + power;
}

function powerOf({ power }: Objective, o: number): number {
  return power[o];
}
