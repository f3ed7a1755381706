// From options to a target and a recipe. The preset decides what options leave open.
import { z } from "zod";
import { needsData } from "../calibrate/prepare_layers.ts";
import type { RangeMethod } from "../calibrate/solve.ts";
import type { Limits } from "../dpu/limits/limits.ts";
import { dpuLimits, dpuPreset } from "../dpu/names.ts";
import { ConfigError } from "../error.ts";
import type { Graph } from "../graph/graph.ts";
import type { Scheme } from "../quantize/encoding.ts";
import { defaultPreset, targetOfPreset } from "../quantize/presets.ts";
import type { Target } from "../quantize/target.ts";
import type { Recipe } from "./recipe.ts";
import { excluderBy } from "./exclusion.ts";
import { optionNames, rowOf } from "./option_names.ts";
import type { QuantizeOptions } from "./quantize_options.ts";

export type { QuantizeOptions } from "./quantize_options.ts";

/** The given options, completed by the preset's. */
export function optionsFor(given: Partial<QuantizeOptions>): QuantizeOptions {
  const preset = given.preset ?? defaultPreset;
  checkValues({ preset });
  const target = targetOfPreset(preset);
  const defaults = optionNames.map((name) => [name, rowOf(name).default?.(target)]);
  const all = [...defaults, ...Object.entries({ ...given, preset })].filter(([, value]) =>
    value !== undefined
  );
  return Object.fromEntries(all) as QuantizeOptions;
}

/** int8 for ONNX Runtime's CPU provider: weights symmetric per channel, activations asymmetric per tensor. */
export const defaultOptions: QuantizeOptions = optionsFor({});

/** @throws ConfigError for options that contradict each other, and for exclusions that match nothing. */
export function recipeOf(options: QuantizeOptions, graph: Graph): Recipe {
  const target = targetOf(options);
  return {
    target,
    dpu: dpuFor(options),
    method: options.method,
    parameters: options,
    weightMethod: weightMethodOf(options, target.weights),
    weightParameters: { ...options, percentage: options.weightPercentage ?? options.percentage },
    statistic: options.statistic,
    overrides: options.overrides,
    graphMethods: options,
    excludes: excluderBy(options.exclude, graph),
    keepFirstLast: options.keepFirstLast,
  };
}

/** @throws ConfigError for options that need all of the data: a shard has only a part. */
export function requireMergeable(options: QuantizeOptions): void {
  const found = [...needsData(options), ...options.statistic ? ["statistic"] : []];
  if (found.length === 0) return;
  throw new ConfigError(
    `Cannot measure a part of the data: ${found.join(", ")} must see all of it in one run; ` +
      "leave that out or calibrate without parts",
  );
}

/** The preset's target as changed by the options. @throws ConfigError for values out of bounds and for conflicts. */
export function targetOf(options: QuantizeOptions): Target {
  checkTypes(options);
  checkValues(options);
  const preset = targetOfPreset(options.preset);
  const { weightBits, activationBits, perChannel, schemes } = options;
  const target: Target = {
    ...preset,
    perChannel,
    weights: {
      ...preset.weights,
      // Leaving out one of 256 codes spares kernels that add products in 16 bits; of few codes, one is too many.
      ...(weightBits < 8 && { narrow: false }),
      ...schemePart(options, "weights"),
      ...schemes?.weights,
    },
    activations: { ...preset.activations, ...schemePart(options, "activations"), ...schemes?.activations },
    // A bias with its own fix position has as many bits as the sums' results.
    bias: biasOf(preset, preset.shifts ? { bits: activationBits, ...schemes?.bias } : schemes?.bias),
    ...(preset.shifts && { shifts: { ...preset.shifts, alike: options.alike } }),
  };
  checkTarget(target, preset);
  return target;
}

/** The fields of a scheme that options set. */
function schemePart(options: QuantizeOptions, tensors: "weights" | "activations"): Partial<Scheme> {
  return Object.fromEntries(optionNames.flatMap((name) => {
    const { scheme } = rowOf(name);
    if (!scheme?.of.includes(tensors) || options[name] === undefined) return [];
    return [[scheme.field, options[name]]];
  }));
}

const types = z.looseObject(
  Object.fromEntries(optionNames.flatMap((name) => {
    const { type } = rowOf(name);
    return type ? [[name, type]] : [];
  })),
);

function checkTypes(options: QuantizeOptions): void {
  const result = types.safeParse(options);
  if (result.success) return;
  const [{ path, message }] = result.error.issues;
  throw new ConfigError(`Cannot quantize: option "${path.join(".")}" does not fit: ${message}`, {
    cause: result.error,
  });
}

function checkValues(options: Partial<QuantizeOptions>): void {
  for (const name of optionNames) {
    const problem = options[name] === undefined ? undefined : rowOf(name).check?.(options[name]);
    if (problem) throw new ConfigError(problem);
  }
}

function biasOf({ bias }: Target, { datatype, ...own }: Partial<Scheme> = {}): Target["bias"] {
  if (datatype === "float32") return "float";
  if (datatype === "float16" || datatype === "bfloat16") {
    return { bits: 16, signed: true, symmetric: true, datatype };
  }
  return typeof bias === "object" ? { ...bias, ...own } : bias;
}

/** @throws ConfigError if a DPU is named beside the preset of another runtime. */
function dpuFor({ dpu, preset }: QuantizeOptions): Limits | undefined {
  if (dpu === undefined || preset === dpuPreset) return dpu === undefined ? undefined : dpuLimits(dpu);
  throw new ConfigError(
    `Cannot quantize for DPU "${dpu}" with preset "${preset}": expected preset "${dpuPreset}"`,
  );
}

/** Refuses what the preset's runtime cannot run. */
function checkTarget({ activations, weights, perChannel }: Target, preset: Target): void {
  const refuse = (what: string, found: string, expected: string) => {
    throw new ConfigError(
      `Cannot quantize for "${preset.name}": ${what} are ${found}, expected ${expected}; ` +
        "leave that option out or choose another preset",
    );
  };
  if (preset.activations.powerOfTwo && !(activations.powerOfTwo && weights.powerOfTwo)) {
    refuse("scales", "float", "powers of two");
  }
  if (preset.shifts && perChannel) refuse("scales of weights", "per channel", "per tensor");
  if (!preset.noZeroPoints) return;
  if (!activations.symmetric) refuse("activations", "asymmetric", "symmetric ones");
  if (!activations.signed) refuse("codes of activations", "unsigned", "signed ones");
}

/** The method that chooses ranges of weights. */
export function weightMethodOf({ weightMethod, preset }: QuantizeOptions, { bits }: Scheme): RangeMethod {
  const target = targetOfPreset(preset);
  const { weightMethodUnder8Bits = target.weightMethod } = target;
  return weightMethod ?? (bits < 8 ? weightMethodUnder8Bits : target.weightMethod) as RangeMethod;
}
