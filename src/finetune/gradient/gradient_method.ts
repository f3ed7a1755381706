// How each method takes its steps. Rates are in codes, in shares of a scale, and in root mean squares of the output.
import type { StepSettings } from "./train_unit.ts";

export type StepOptions = {
  /** Of mini-batches and drops. */
  readonly seed?: number;
  /** Steps on each layer or block. */
  readonly steps?: number;
  /** What all learning rates are multiplied by. */
  readonly rateFactor?: number;
};

/** Found on ResNet-8 with four-bit weights and 256 images. */
const rates = { codes: 0.008, stretch: 0.001, shift: 0.001, rounding: 0.1, steps: 0.001 };
/** From a solution small steps: those above undo it. */
const gentle = { rounding: 0.02, shift: 0.0002, steps: 0.0002 };

const layerwise = { positions: 2048, fewest: 8, rates, drops: false, learnsSteps: false };
const defaults: Readonly<Record<"adaquant" | "adaround" | "block", Omit<StepSettings, "seed">>> = {
  adaquant: { ...layerwise, steps: 300 },
  adaround: { ...layerwise, steps: 500 },
  block: { steps: 300, positions: 2048, fewest: 24, rates: gentle, drops: true, learnsSteps: true },
};

export function settingsOf(
  method: keyof typeof defaults,
  { seed = 0, steps, rateFactor = 1 }: StepOptions,
): StepSettings & { readonly method: keyof typeof defaults } {
  const own = defaults[method];
  const scaled = Object.entries(own.rates).map(([group, rate]) => [group, rate * rateFactor]);
  return { ...own, method, seed, steps: steps ?? own.steps, rates: Object.fromEntries(scaled) };
}
