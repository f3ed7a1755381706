// What a caller may ask for, and what becomes of it: a target and a recipe. Nothing said means the preset's choice.
import { type BatchStatistic, batchStatistics } from "../calibrate/batch_statistic.ts";
import { biasCorrections } from "../calibrate/correct_bias.ts";
import { equalizeForms, type GraphMethods, needsData, relu6Choices } from "../calibrate/prepare_layers.ts";
import { type RangeMethod, rangeMethods, type SolveParameters } from "../calibrate/solve.ts";
import { ConfigError } from "../error.ts";
import type { Graph } from "../graph/graph.ts";
import type { Scheme } from "../quantize/encoding.ts";
import { exclusion } from "./exclusion.ts";
import { checkOptionTypes } from "./option_types.ts";
import type { LayerRule, OverrideRule } from "./overrides.ts";
import type { Target } from "../quantize/target.ts";
import { defaultPreset, type Preset, presets, targetOfPreset } from "../quantize/presets.ts";
import type { Recipe } from "../recipe.ts";
import { type Rounding, roundings } from "../tensor/round.ts";

export type QuantizeOptions = SolveParameters & GraphMethods & {
  readonly preset: Preset;
  /** How ranges of activations are chosen. */
  readonly method: RangeMethod;
  /** How ranges of weights are chosen; a preset's choice is maxmin, and mse below 8 bits. */
  readonly weightMethod?: RangeMethod;
  /** For weights by percentile, where it is not the activations'. */
  readonly weightPercentage?: number;
  /** Ranges of batches that become one; absent: the range of all values together. */
  readonly statistic?: BatchStatistic;
  /** 2 to 16; codes over 8 bits are stored as 16, constants of at most 4 two a byte, and both need opset 21. */
  readonly weightBits: number;
  /** 2 to 16. Under 8 bits a Clip stands before QuantizeLinear. */
  readonly activationBits: number;
  readonly perChannel: boolean;
  /** Symmetric activations. */
  readonly symmetric: boolean;
  /** Signed codes of activations; of weights always. */
  readonly signed?: boolean;
  /** Weights leave out the lowest code. */
  readonly narrow?: boolean;
  /** Where ties of weights and biases go. */
  readonly rounding?: Rounding;
  /** Scales are powers of two. */
  readonly powerOfTwo?: boolean;
  /** Node names, operator types or regular expressions between slashes: these nodes stay float. */
  readonly exclude: readonly string[];
  /** The first and the last layer stay float. */
  readonly keepFirstLast?: boolean;
  /** Tensors with bits, codes, a method or a range of their own: by name, or all of a node. */
  readonly overrides?: readonly (OverrideRule | LayerRule)[];
  /** What a configuration says of each kind of tensor beyond all this. */
  readonly schemes?: Readonly<Partial<Record<"activations" | "weights" | "bias", Partial<Scheme>>>>;
  /** Operators whose inputs get the fix position of their result, where the target has such. */
  readonly alike?: readonly string[];
};

/** The newest opset that ONNX Runtime 1.30 loads. */
const newestWritten = 26;

/** The options in full: what is said, then the preset's own. */
export function optionsFor(said: Partial<QuantizeOptions>): QuantizeOptions {
  const preset = said.preset ?? defaultPreset;
  requireOneOf("preset", preset, presets);
  const { activations, weights, perChannel, method } = targetOfPreset(preset);
  return {
    method: method as RangeMethod,
    weightBits: weights.bits,
    activationBits: activations.bits,
    perChannel,
    symmetric: activations.symmetric,
    exclude: [],
    ...Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined)),
    preset,
  };
}

/** int8 for ONNX Runtime's CPU provider: weights symmetric per channel, activations asymmetric per tensor. */
export const defaultOptions: QuantizeOptions = optionsFor({});

/** ConfigError for options that do not go together, and for exclusions that name nothing. */
export function recipeOf(options: QuantizeOptions, graph: Graph): Recipe {
  const target = targetOf(options);
  return {
    target,
    method: options.method,
    parameters: options,
    weightMethod: weightMethodOf(options, target.weights),
    weightParameters: { ...options, percentage: options.weightPercentage ?? options.percentage },
    statistic: options.statistic,
    overrides: options.overrides,
    graphMethods: options,
    excludes: exclusion(options.exclude, graph),
    keepFirstLast: options.keepFirstLast,
  };
}

/** ConfigError for options that a part of the data cannot serve: what they do depends on all of it. */
export function requireMergeable(options: QuantizeOptions): void {
  const asked = [...needsData(options), ...options.statistic ? ["statistic"] : []];
  if (asked.length === 0) return;
  throw new ConfigError(
    `Cannot measure a part of the data: ${asked.join(", ")} must see all of it in one run; ` +
      "leave that out or calibrate without parts",
  );
}

/** The preset's target with what the options change; ConfigError for values out of bounds and conflicts. */
export function targetOf(options: QuantizeOptions): Target {
  checkOptions(options);
  const preset = targetOfPreset(options.preset);
  const { weightBits, activationBits, perChannel, symmetric, schemes } = options;
  const shared = {
    ...(options.powerOfTwo === undefined ? {} : { powerOfTwo: options.powerOfTwo }),
    ...(options.rounding === undefined ? {} : { rounding: options.rounding }),
  };
  const target: Target = {
    ...preset,
    perChannel,
    weights: {
      ...preset.weights,
      ...shared,
      bits: weightBits,
      // The lowest of 256 codes is worth leaving out for kernels that add products in 16 bits; of four codes it is not.
      narrow: options.narrow ?? (weightBits < 8 ? false : preset.weights.narrow),
      ...schemes?.weights,
    },
    activations: {
      ...preset.activations,
      ...shared,
      bits: activationBits,
      symmetric,
      signed: options.signed ?? preset.activations.signed,
      ...schemes?.activations,
    },
    // With a position of its own, a bias has as many bits as what it is added to.
    bias: biasOf(preset, preset.shifts ? { bits: activationBits, ...schemes?.bias } : schemes?.bias),
    ...(preset.shifts && { shifts: { ...preset.shifts, alike: options.alike } }),
  };
  checkTarget(target, preset);
  return target;
}

function checkOptions(options: QuantizeOptions): void {
  checkOptionTypes(options);
  const { weightBits, activationBits, percentage = 100, weightPercentage = 100, smooth = 0, opset } = options;
  for (const share of [percentage, weightPercentage]) {
    if (share > 0 && share <= 100) continue;
    throw new ConfigError(`Cannot keep ${share} percent of the values: expected more than 0, at most 100`);
  }
  if (opset !== undefined && !(Number.isInteger(opset) && opset >= 1 && opset <= newestWritten)) {
    const known = `expected one from 1 to ${newestWritten}, the newest that ONNX Runtime loads`;
    throw new ConfigError(`Cannot write opset ${opset}: ${known}`);
  }
  for (const [what, bits] of [["weights", weightBits], ["activations", activationBits]] as const) {
    if (Number.isInteger(bits) && bits >= 2 && bits <= 16) continue;
    throw new ConfigError(`Cannot quantize ${what} to ${bits} bits: expected 2 to 16`);
  }
  requireOneOf("method", options.method, rangeMethods);
  requireOneOf("weight method", options.weightMethod, rangeMethods);
  requireOneOf("batch statistic", options.statistic, batchStatistics);
  requireOneOf("rounding", options.rounding, roundings);
  requireOneOf("equalization", options.equalize, equalizeForms);
  requireOneOf("bias correction", options.biasCorrection, biasCorrections);
  requireOneOf("treatment of ReLU6", options.relu6, relu6Choices);
  if (!(smooth >= 0 && smooth <= 1)) throw new ConfigError(`Cannot smooth by ${smooth}: expected 0 to 1`);
}

function biasOf({ bias }: Target, { datatype, ...own }: Partial<Scheme> = {}): Target["bias"] {
  if (datatype === "float32") return "float";
  if (datatype === "float16" || datatype === "bfloat16") {
    return { bits: 16, signed: true, symmetric: true, datatype };
  }
  return typeof bias === "object" ? { ...bias, ...own } : bias;
}

/** What the preset's runtime cannot run is refused, not written. */
function checkTarget({ activations, weights, perChannel }: Target, preset: Target): void {
  const needed = (what: string, found: string, expected: string) => {
    throw new ConfigError(
      `Cannot quantize for "${preset.name}": ${what} are ${found}, expected ${expected}; ` +
        "leave that option out or choose another preset",
    );
  };
  if (preset.activations.powerOfTwo && !(activations.powerOfTwo && weights.powerOfTwo)) {
    needed("scales", "float", "powers of two");
  }
  if (preset.shifts && perChannel) needed("scales of weights", "per channel", "one a tensor");
  if (!preset.noZeroPoints) return;
  if (!activations.symmetric) needed("activations", "asymmetric", "symmetric ones");
  if (!activations.signed) needed("codes of activations", "unsigned", "signed ones");
}

/** The method that chooses ranges of weights. */
export function weightMethodOf(
  { weightMethod: said, preset }: QuantizeOptions,
  { bits }: Scheme,
): RangeMethod {
  const { weightMethod, weightMethodUnder8Bits = weightMethod } = targetOfPreset(preset);
  return said ?? (bits < 8 ? weightMethodUnder8Bits : weightMethod) as RangeMethod;
}

function requireOneOf(what: string, word: string | undefined, words: readonly string[]): void {
  if (word === undefined || words.includes(word)) return;
  throw new ConfigError(`Cannot quantize with ${what} "${word}": expected one of ${words.join(", ")}`);
}
