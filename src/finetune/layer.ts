// One layer tuned on its second moments: codes, scales and bias, and its error before and after.
import { codesOf, type Encoding } from "../quantize/encoding.ts";
import { encodeBias } from "../quantize/bias.ts";
import { dequantizeTensor, quantizeTensor } from "../quantize/weights.ts";
import type { Shape } from "../tensor/shape.ts";
import { fromRows, rowsOf } from "./matrix.ts";
import { type Moments, type Objective, objectiveOf, positionsOf, squaredError } from "./moments.ts";
import { makeReady, type Ready } from "./round_row.ts";
import { type Row, solveRows } from "./solve.ts";

export type Layer = {
  readonly weights: Float32Array;
  readonly shape: Shape;
  /** Runs over output channels. */
  readonly axis: number;
  readonly encoding: Encoding;
  /** Absent: the layer has none. */
  readonly bias?: Float32Array;
  /** Whether it may get one. */
  readonly biasable: boolean;
  /** Scale of its input. */
  readonly scaleX: number;
};

export type Tuned = {
  readonly weights: Float32Array;
  readonly encoding: Encoding;
  readonly bias?: Float32Array;
  readonly biasScale?: Float32Array;
};

/** `before` and `after`: Σ (y − ŷ)² over Σ (y − mean)². */
export type LayerErrors = { readonly before: number; readonly after: number };
export type LayerResult = LayerErrors & ({ readonly tuned: Tuned } | { readonly why: string });

/** Solves the layer; what it finds is `tuned` only if its error fell. */
export function tuneLayer(layer: Layer, moments: Moments): LayerResult {
  if (moments.sums.some((sum) => !Number.isFinite(sum))) {
    return { before: NaN, after: NaN, why: "its second moments are not finite" };
  }
  const raw = Array.from({ length: moments.groups }, (_, group) => objectiveOf(moments, group, false));
  const power = signalOf(moments);
  const before = errorOf(layer, layer, raw) / power;
  const left = (why: string): LayerResult => ({ before, after: before, why });
  if (positionsOf(moments) < 2) return left("fewer than two positions were seen");
  if (layer.encoding.zeroPoint.some((code) => code !== 0)) return left("its weights have a zero point");
  const centred = layer.biasable
    ? Array.from({ length: moments.groups }, (_, group) => objectiveOf(moments, group, true))
    : raw;
  const ready = centred.map(makeReady);
  if (ready.every((one) => !one)) return left("its inputs are constant or zero on these data");
  const tuned = withBias(layer, solved(layer, ready), centred);
  const after = errorOf(layer, tuned, raw) / power;
  if (!(after < before)) return { before, after, why: "its error would not fall" };
  return { before, after, tuned };
}

/** Codes and scales by rows that share a scale; rows without an objective keep theirs. */
function solved(layer: Layer, ready: readonly (Ready | undefined)[]): Tuned {
  const { shape, axis, encoding } = layer;
  const [low, high] = codesOf(encoding);
  const matrix = rowsOf(layer.weights, shape, axis);
  const kept = rowsOf(onGrid(layer.weights, shape, encoding), shape, axis);
  const scale = encoding.scale.slice();
  const perGroup = matrix.length / ready.length;
  const rows = matrix.flatMap((weights, index): (Row & { index: number })[] => {
    const one = ready[Math.floor(index / perGroup)];
    return one ? [{ ready: one, o: index % perGroup, weights, index }] : [];
  });
  const shared = encoding.axis === undefined ? [rows] : rows.map((row) => [row]);
  for (const some of shared) {
    const place = encoding.axis === undefined ? 0 : some[0].index;
    const found = solveRows(some, scale[place], { low, high });
    scale[place] = found.scale;
    some.forEach(({ index }, i) => kept[index] = found.codes[i].map((code) => code * found.scale));
  }
  return { weights: fromRows(kept, shape, axis), encoding: { ...encoding, scale } };
}

/** The bias in closed form, and the scales that it needs. */
function withBias(layer: Layer, tuned: Tuned, objectives: readonly Objective[]): Tuned {
  if (!layer.biasable) return tuned;
  const rows = rowsOf(tuned.weights, layer.shape, layer.axis);
  const perGroup = rows.length / objectives.length;
  const bias = Float32Array.from(rows, (row, index) => {
    const { meanX, meanY } = objectives[Math.floor(index / perGroup)];
    return row.reduce((sum, w, k) => sum - w * meanX[k], meanY[index % perGroup]);
  });
  const encoded = encodeBias(bias, layer.scaleX, tuned.encoding);
  return {
    weights: onGrid(tuned.weights, layer.shape, encoded.weight),
    encoding: encoded.weight,
    bias,
    biasScale: encoded.scale,
  };
}

/** Float weights as their codes say them. */
export function onGrid(weights: Float32Array, shape: Shape, encoding: Encoding): Float32Array {
  return dequantizeTensor(quantizeTensor(weights, shape, encoding), shape, encoding);
}

/** Σ (y − ŷ)² of a layer that has these weights and this bias. */
function errorOf(
  { shape, axis }: Layer,
  { weights, encoding, bias }: Pick<Tuned, "weights" | "encoding" | "bias">,
  objectives: readonly Objective[],
): number {
  const rows = rowsOf(onGrid(weights, shape, encoding), shape, axis);
  const perGroup = rows.length / objectives.length;
  return rows.reduce(
    (sum, row, index) =>
      sum + squaredError(objectives[Math.floor(index / perGroup)], index % perGroup, row, bias?.[index] ?? 0),
    0,
  );
}

/** Σ (y − mean)², at least so much that a quotient by it is finite. */
function signalOf(moments: Moments): number {
  let sum = 0;
  for (let group = 0; group < moments.groups; group++) {
    const { power, meanY, count } = objectiveOf(moments, group, false);
    power.forEach((p, o) => sum += p - count * meanY[o] ** 2);
  }
  return Math.max(sum, Number.MIN_VALUE * 2 ** 60);
}
