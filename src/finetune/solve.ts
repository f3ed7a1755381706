// A layer's codes and scales from its second moments: several first scales for each row (or for all rows of a layer with
// one scale), ordered rounding, coordinate descent, the scale in closed form for these codes, and again; the best is
// kept. Everything is exact where it was measured, and independent of the order of the data up to rounding.
import { type Objective } from "./moments.ts";
import { continuous, descend, feedForward, type Grid, productsOf, type Ready } from "./round_row.ts";

/** A row of weights with the objective of its group; `o` is its place there. */
export type Row = { readonly ready: Ready; readonly o: number; readonly weights: Float64Array };
export type Solved = { readonly scale: number; readonly codes: Float64Array[]; readonly error: number };

/** First scales as shares of the calibrated one: minimum-error scales of weights are too wide for low widths. */
const shares = [1.3, 1.15, 1.05, 1, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.6, 0.5];
const refits = 4;

/** Codes of rows that share a scale. */
export function solveRows(rows: readonly Row[], scale: number, grid: Grid): Solved {
  const bests = rows.map(({ ready, o, weights }) => continuous(ready, o, weights));
  let best: Solved | undefined;
  for (const share of shares) {
    const first = Math.fround(scale * share);
    const solved = refined(
      rows,
      first,
      rows.map(({ ready }, i) => feedForward(ready, bests[i], first, grid)),
      grid,
    );
    if (!best || solved.error < best.error) best = solved;
  }
  return best!;
}

/** Coordinate descent and scales in turn, from these codes. */
export function refined(rows: readonly Row[], first: number, codes: Float64Array[], grid: Grid): Solved {
  let scale = first;
  let best: Solved = { scale, codes: [], error: Infinity };
  for (let round = 0; round < refits; round++) {
    rows.forEach(({ ready, o }, i) => descend(ready.objective, o, codes[i], scale, grid));
    const sums = rows.map(({ ready, o }, i) => productsOf(ready.objective, o, codes[i]));
    const [dot, square] = sums.reduce(([d, s], one) => [d + one.dot, s + one.square], [0, 0]);
    const fitted = square > 0 && dot > 0 ? Math.fround(dot / square) : scale;
    const error = errorAt(rows, fitted, dot, square);
    if (!(error < best.error)) break;
    best = { scale: fitted, codes: codes.map((row) => row.slice()), error };
    if (fitted === scale) break;
    scale = fitted;
  }
  return best;
}

function errorAt(rows: readonly Row[], scale: number, dot: number, square: number): number {
  const power = rows.reduce((sum, { ready, o }) => sum + powerOf(ready.objective, o), 0);
  return scale * scale * square - 2 * scale * dot + power;
}

function powerOf({ power }: Objective, o: number): number {
  return power[o];
}
