// The methods of finetuning, one row each.
import { adaquant } from "./gradient/adaquant.ts";
import { adaround } from "./gradient/adaround.ts";
import { block } from "./gradient/block.ts";
import type { StepOptions } from "./gradient/gradient_method.ts";
import { tuneBySecondMoments } from "./second_moment.ts";
import type { TuningMethod } from "./tune_unit.ts";
import { blockUnits, layerUnits } from "./unit.ts";

export const methods = {
  "second-moment": { divide: layerUnits, solve: tuneBySecondMoments },
  adaquant: { divide: layerUnits, steps: adaquant },
  adaround: { divide: layerUnits, steps: adaround },
  block: { divide: blockUnits, solve: tuneBySecondMoments, steps: block },
} satisfies Readonly<Record<string, TuningMethod>>;

export type FinetuneMethod = keyof typeof methods;
export const finetuneMethods = Object.keys(methods) as FinetuneMethod[];

export type FinetuneOptions = StepOptions & {
  /** second-moment by default. */
  readonly method?: FinetuneMethod;
};
