// A method of gradient steps: how it parametrizes weights, its step settings, and how it reports. Learning rates are in
// codes, in shares of a scale, and in root mean squares of the output, so that one rate fits every layer.
import type { FinishedLayer, Tunable } from "../tunable.ts";
import type { StepSettings, UnitResult } from "./train_unit.ts";
import type { Weights } from "./weights.ts";

export type GradientMethod = {
  readonly settings: Omit<StepSettings, "seed">;
  readonly weights: (float: Tunable) => Weights;
  /** The unit's layers, with what the steps found or why they found nothing. */
  readonly report: (layers: readonly FinishedLayer[], result: Partial<UnitResult>) => FinishedLayer[];
};

export type StepOptions = {
  /** Seeds mini-batches and drops. */
  readonly seed?: number;
  /** Steps on each layer or block. */
  readonly steps?: number;
  /** Multiplies all learning rates. */
  readonly rateFactor?: number;
};

/** Settings of methods that tune layer by layer; rates were found on ResNet-8 with four-bit weights and 256 images. */
export const layerSettings = {
  positions: 2048,
  fewest: 8,
  rates: { codes: 0.008, stretch: 0.001, shift: 0.001, rounding: 0.1, steps: 0.001 },
  drops: false,
  trainsScales: false,
};

export function settingsOf(
  { settings }: GradientMethod,
  { seed = 0, steps = settings.steps, rateFactor = 1 }: StepOptions,
): StepSettings {
  const scaled = Object.entries(settings.rates).map(([group, rate]) => [group, rate * rateFactor]);
  return { ...settings, seed, steps, rates: Object.fromEntries(scaled) };
}

/** Each layer with the errors of its unit. */
export function reportLayers(
  layers: readonly FinishedLayer[],
  { before, after, found, why, note }: Partial<UnitResult>,
): FinishedLayer[] {
  return layers.map((layer) => {
    const tuned = found?.layers.get(layer.node);
    return { ...layer, before, after, ...(tuned ? { tuned } : { why }), ...(note && { note }) };
  });
}
