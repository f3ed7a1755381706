// What a user may ask of quantization, and the target that comes of it. Nothing said means the preset's choice.
import { ConfigError } from "../error.ts";
import type { Scheme } from "../quantize/encoding.ts";
import type { OverrideRule } from "../quantize/overrides.ts";
import type { Target } from "../quantize/target.ts";
import { type Preset, presets, targetNamed } from "../quantize/targets/all.ts";
import type { WeightMethod } from "../quantize/weights.ts";
import { type Rounding, roundings } from "../tensor/round.ts";
import { type BatchStatistic, batchStatistics } from "./batch_statistic.ts";
import type { SolveParameters } from "./clip.ts";
import { histogramOf } from "./histogram.ts";
import { biasCorrections } from "./correct_bias.ts";
import { equalizeForms, type GraphMethods, relu6Choices } from "./prepare_layers.ts";
import { type Method, methods, solve } from "./solve.ts";

export type QuantizeOptions = SolveParameters & GraphMethods & {
  readonly preset: Preset;
  /** How ranges of activations are chosen. */
  readonly method: Method;
  /** How ranges of weights are chosen; a preset's choice is maxmin, and mse below 8 bits. */
  readonly weightMethod?: Method;
  /** Ranges of batches that become one; absent: the range of all values together. */
  readonly statistic?: BatchStatistic;
  /** 2 to 16; codes under 8 bits are stored as 8, those over 8 bits as 16 and need opset 21. */
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
  /** Tensors with bits, codes or a range of their own, by name or by regular expression between slashes. */
  readonly overrides?: readonly OverrideRule[];
};

/** int8 for ONNX Runtime's CPU provider: weights symmetric per channel, activations asymmetric per tensor. */
export const defaultOptions: QuantizeOptions = optionsFor({});

/** The options in full: what is said, then the preset's own. */
export function optionsFor(said: Partial<QuantizeOptions>): QuantizeOptions {
  const preset = said.preset ?? "ort-cpu";
  requireOneOf("preset", preset, presets);
  const { activations, weights, perChannel, method } = targetNamed(preset);
  return {
    method,
    weightBits: weights.bits,
    activationBits: activations.bits,
    perChannel,
    symmetric: activations.symmetric,
    exclude: [],
    ...Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined)),
    preset,
  };
}

/** The preset's target with what the options change; ConfigError for values out of bounds and conflicts. */
export function targetOf(options: QuantizeOptions): Target {
  const preset = targetNamed(options.preset);
  const { weightBits, activationBits, perChannel, symmetric, percentage = 100 } = options;
  if (!(percentage > 0 && percentage <= 100)) {
    throw new ConfigError(
      `Cannot keep ${percentage} percent of the values: expected more than 0, at most 100`,
    );
  }
  for (const [what, bits] of [["weights", weightBits], ["activations", activationBits]] as const) {
    if (Number.isInteger(bits) && bits >= 2 && bits <= 16) continue;
    throw new ConfigError(`Cannot quantize ${what} to ${bits} bits: expected 2 to 16`);
  }
  requireOneOf("method", options.method, methods);
  if (options.weightMethod) requireOneOf("weight method", options.weightMethod, methods);
  if (options.statistic) requireOneOf("batch statistic", options.statistic, batchStatistics);
  if (options.rounding) requireOneOf("rounding", options.rounding, roundings);
  if (options.equalize) requireOneOf("equalization", options.equalize, equalizeForms);
  if (options.biasCorrection) requireOneOf("bias correction", options.biasCorrection, biasCorrections);
  if (options.relu6) requireOneOf("treatment of ReLU6", options.relu6, relu6Choices);
  const { smooth = 0 } = options;
  if (!(smooth >= 0 && smooth <= 1)) throw new ConfigError(`Cannot smooth by ${smooth}: expected 0 to 1`);
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
      narrow: options.narrow ?? preset.weights.narrow,
    },
    activations: {
      ...preset.activations,
      ...shared,
      bits: activationBits,
      symmetric,
      signed: options.signed ?? preset.activations.signed,
    },
  };
  checkTarget(target, preset);
  return target;
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
  if (preset.name === "dpu" && perChannel) needed("scales of weights", "per channel", "one a tensor");
  const zeroOnly = preset.name === "dpu" || preset.name === "tensorrt";
  if (!zeroOnly) return;
  if (!activations.symmetric) needed("activations", "asymmetric", "symmetric ones");
  if (!activations.signed) needed("codes of activations", "unsigned", "signed ones");
}

/** How weights get their ranges. */
export function weightMethodOf(options: QuantizeOptions, { weights, weightMethod }: Target): WeightMethod {
  const { weightMethod: said } = options;
  if (said === undefined) return weights.bits < 8 && weightMethod === "maxmin" ? "mse" : weightMethod;
  if (said === "maxmin" || said === "mse" || said === "diffs") return said;
  return (channel) => solve(said, histogramOf(channel), weights as Scheme, options);
}

function requireOneOf(what: string, word: string, words: readonly string[]): void {
  if (words.includes(word)) return;
  throw new ConfigError(`Cannot quantize with ${what} "${word}": expected one of ${words.join(", ")}`);
}
