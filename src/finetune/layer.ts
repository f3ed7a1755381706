// Tunes one layer on its second moments: codes, scales and bias, with the error before and after.
import { encodeBias } from "../quantize/bias.ts";
import { codesOf, type Encoding } from "../quantize/encoding.ts";
import { dequantizeTensor, quantizeTensor } from "../quantize/weights.ts";
import type { Shape } from "../tensor/shape.ts";
import { type Arrangement, fromRows, rowsOf } from "./matrix.ts";
import {
  type Moments,
  type Objective,
  objectiveOf,
  positionsOf,
  signalOf,
  squaredError,
  subtractBias,
} from "./moments.ts";
import { type FactoredObjective, factorObjective } from "./round_row.ts";
import { type Row, solveRows } from "./solve.ts";
import type { LayerWeights } from "./tunable.ts";

export type Layer = Arrangement & {
  readonly weights: Float32Array;
  readonly encoding: Encoding;
  /** Undefined if the layer has no bias. */
  readonly bias?: Float32Array;
  /** Whether the bias may be changed or added. */
  readonly canChangeBias: boolean;
  /** A bias that stays in float and must not change. */
  readonly fixedBias?: Float32Array;
  /** Scale of the input, if biases are accumulators (int32); otherwise a bias has its own encoding or is float. */
  readonly scaleX?: number;
  readonly biasEncoding?: Encoding;
  /** Scales stay as calibrated: powers of two depend on each other across the network. */
  readonly fixedScales?: boolean;
};

/** `before` and `after`: Σ (y − ŷ)² over Σ (y − mean)². */
export type LayerErrors = { readonly before: number; readonly after: number };
export type LayerOutcome = LayerErrors & ({ readonly tuned: LayerWeights } | { readonly why: string });

/** Solves the layer; the result is `tuned` only if its error fell. */
export function tuneLayer(layer: Layer, measured: Moments): LayerOutcome {
  const moments = layer.fixedBias ? subtractBias(measured, layer.fixedBias) : measured;
  if (moments.sums.some((sum) => !Number.isFinite(sum))) {
    return { before: NaN, after: NaN, why: "its second moments are not finite" };
  }
  // One K × K matrix per group: errors for any bias follow from the centred matrix too.
  const objectives = Array.from(
    { length: moments.groups },
    (_, group) => objectiveOf(moments, group, layer.canChangeBias),
  );
  const signal = objectives.reduce((sum, one) => sum + signalOf(one), 0);
  // Large enough that dividing by it stays finite.
  const power = Math.max(signal, Number.MIN_VALUE * 2 ** 60);
  const before = errorOf(layer, layer, objectives) / power;
  const skip = (why: string): LayerOutcome => ({ before, after: before, why });
  if (positionsOf(moments) < 2) return skip("fewer than two positions were seen");
  if (layer.encoding.zeroPoint.some((code) => code !== 0)) return skip("its weights have a zero point");
  const ready = objectives.map(factorObjective);
  if (ready.every((one) => !one)) return skip("its inputs are constant or zero on these data");
  const tuned = correctBias(layer, solveWeights(layer, ready), objectives);
  const after = errorOf(layer, tuned, objectives) / power;
  if (!(after < before)) return { before, after, why: "its error would not fall" };
  return { before, after, tuned };
}

/** Codes and scales, solved for all rows that share a scale; rows without an objective keep theirs. */
function solveWeights(layer: Layer, ready: readonly (FactoredObjective | undefined)[]): LayerWeights {
  const { shape, axis, encoding } = layer;
  const [low, high] = codesOf(encoding);
  const matrix = rowsOf(layer.weights, layer);
  const kept = rowsOf(onGrid(layer.weights, shape, encoding), layer);
  const scale = encoding.scale.slice();
  const perGroup = matrix.length / ready.length;
  const rows = matrix.flatMap((weights, index): (Row & { index: number })[] => {
    const one = ready[Math.floor(index / perGroup)];
    return one ? [{ ready: one, o: index % perGroup, weights, index }] : [];
  });
  // If groups share one scale per channel, every group has a row of it.
  const placeOf = (index: number) => encoding.axis === undefined ? 0 : index % shape[axis];
  for (const place of scale.keys()) {
    const some = rows.filter(({ index }) => placeOf(index) === place);
    if (some.length === 0) continue;
    const found = solveRows(some, scale[place], { low, high }, layer.fixedScales);
    scale[place] = found.scale;
    some.forEach(({ index }, i) => kept[index] = found.codes[i].map((code) => code * found.scale));
  }
  return { weights: fromRows(kept, layer), encoding: { ...encoding, scale } };
}

/** Adds the bias in closed form. */
function correctBias(layer: Layer, tuned: LayerWeights, objectives: readonly Objective[]): LayerWeights {
  if (!layer.canChangeBias) return tuned;
  const rows = rowsOf(tuned.weights, layer);
  const perGroup = rows.length / objectives.length;
  const bias = Float32Array.from(rows, (row, index) => {
    const { meanX, meanY } = objectives[Math.floor(index / perGroup)];
    return row.reduce((sum, w, k) => sum - w * meanX[k], meanY[index % perGroup]);
  });
  return encodeWithBias(layer, tuned, bias);
}

/** The layer's weights with this bias: encodes the bias and adjusts the scales it depends on. */
export function encodeWithBias(layer: Layer, tuned: LayerWeights, bias: Float32Array): LayerWeights {
  const { biasEncoding } = layer;
  if (layer.scaleX === undefined) {
    return { ...tuned, bias: biasEncoding ? onGrid(bias, [bias.length], biasEncoding) : bias, biasEncoding };
  }
  const { weight, scale } = encodeBias(bias, layer.scaleX, tuned.encoding);
  const zeroPoint = new Int32Array(scale.length);
  return {
    weights: onGrid(tuned.weights, layer.shape, weight),
    encoding: weight,
    bias,
    biasEncoding: { scale, zeroPoint, bits: 32, signed: true, ...(scale.length > 1 && { axis: 0 }) },
  };
}

/** Rounds float weights to their codes and back. */
export function onGrid(weights: Float32Array, shape: Shape, encoding: Encoding): Float32Array {
  return dequantizeTensor(quantizeTensor(weights, shape, encoding), shape, encoding);
}

/** Σ (y − ŷ)² of the layer with these weights and this bias. */
function errorOf(
  layer: Layer,
  { weights, encoding, bias }: Pick<LayerWeights, "weights" | "encoding" | "bias">,
  objectives: readonly Objective[],
): number {
  const rows = rowsOf(onGrid(weights, layer.shape, encoding), layer);
  const perGroup = rows.length / objectives.length;
  return rows.reduce(
    (sum, row, index) =>
      sum + squaredError(objectives[Math.floor(index / perGroup)], index % perGroup, row, bias?.[index] ?? 0),
    0,
  );
}
