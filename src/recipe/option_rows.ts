// The options of quantization, one row each: default, check, and how it is written into a configuration file and read
// from one.
import { z } from "zod";
import { batchStatistics } from "../calibrate/batch_statistic.ts";
import { biasCorrections } from "../calibrate/correct_bias.ts";
import { equalizeForms, relu6Choices } from "../calibrate/prepare_layers.ts";
import { type RangeMethod, rangeMethods } from "../calibrate/solve.ts";
import { dpuLimits, dpuNames } from "../dpu/names.ts";
import type { EffectiveConfig, TensorConfig } from "../files/effective_config.ts";
import { nearestWord } from "../files/nearest.ts";
import type { Graph } from "../graph/graph.ts";
import { defaultPreset, type Device, presets, targetOfDevice, targetOfPreset } from "../quantize/presets.ts";
import type { Target } from "../quantize/target.ts";
import { roundings } from "../tensor/round.ts";
import { alikeOf, floatNames, meetingsOf } from "./node_switches.ts";
import type { QuantizeOptions } from "./quantize_options.ts";
import { type CodeField, hasPositions, schemesOf, statisticOf } from "./tensor_parameters.ts";

type Tensors = "activations" | "weights";

/** Keys to set in a configuration; those of activations are set for the network's inputs, too. */
export type Entries =
  & Partial<Omit<EffectiveConfig, `${string}_quantize_config`>>
  & {
    readonly [K in Tensors]?: Partial<TensorConfig>;
  };

export type OptionRow<T> = {
  /** Its default for a target; absent: none. */
  readonly default?: (target: Target) => T;
  /** Checked because files and callers without TypeScript may give another type. */
  readonly type?: z.ZodType;
  /** Returns an error message for an invalid value. */
  readonly check?: (value: T) => string | undefined;
  /** The field of these tensors' schemes that it sets. */
  readonly scheme?: { readonly field: CodeField; readonly of: readonly Tensors[] };
  /** Keys of a configuration file; rows with `scheme` have theirs in `parameterRows`. */
  readonly write?: (value: T) => Entries;
  /** The option that a configuration means; undefined: the default. */
  readonly read?: (config: EffectiveConfig, graph: Graph) => T | undefined;
};

const [flag, text, texts] = [z.boolean().optional(), z.string().optional(), z.array(z.string())];
const number = z.number().optional();
const scheme = z.looseObject({
  bits: number,
  signed: flag,
  symmetric: flag,
  narrow: flag,
  powerOfTwo: flag,
  mostFractionBits: z.tuple([z.number(), z.number()]).optional(),
  rounding: text,
  datatype: text,
});
const rule = scheme.extend({
  perChannel: flag,
  low: number,
  high: number,
  percentage: number,
  method: text,
  statistic: text,
  tensor: text,
  node: text,
  kind: text,
});

/** The newest opset that ONNX Runtime 1.30 loads. */
const newestWritten = 26;

/** In the order in which they are checked and written: a later row may change a key that an earlier one wrote. */
export const optionRows: {
  readonly [K in keyof QuantizeOptions]-?: OptionRow<NonNullable<QuantizeOptions[K]>>;
} = {
  exclude: { default: () => [], type: texts, read: floatNames },
  alike: { type: texts.optional(), write: meetingsOf, read: alikeOf },
  preset: {
    default: () => defaultPreset,
    check: oneOf("preset", presets),
    write: (preset) => ({ target_device: targetOfPreset(preset).devices[0] as Device }),
    read: ({ target_device }) => targetOfDevice(target_device).name,
  },
  dpu: {
    type: text,
    check: (dpu) => {
      if (dpuLimits(dpu)) return undefined;
      const near = nearestWord(dpu, dpuNames);
      const advice = near ? `did you mean "${near}"?` : "expected a name or a fingerprint (0x…)";
      return `Cannot quantize for DPU "${dpu}": halftone knows no such DPU, ${advice}`;
    },
  },
  percentage: {
    check: checkShare,
    write: (percentage) => ({ activations: { percentage } }),
    read: ({ tensor_quantize_config: { activation, weights } }) =>
      activation.percentage ?? weights.percentage,
  },
  weightPercentage: {
    check: checkShare,
    write: (percentage) => ({ weights: { percentage } }),
    read: ({ tensor_quantize_config: { activation: { percentage }, weights } }) =>
      percentage === undefined || weights.percentage === percentage ? undefined : weights.percentage,
  },
  opset: {
    check: (opset) =>
      Number.isInteger(opset) && opset >= 1 && opset <= newestWritten
        ? undefined
        : `Cannot write opset ${opset}: expected one from 1 to ${newestWritten}, the newest that ONNX Runtime loads`,
    write: (onnx_opset_version) => ({ onnx_opset_version }),
    read: ({ onnx_opset_version: opset }, graph) => opset > graph.opset ? opset : undefined,
  },
  weightBits: {
    default: ({ weights }) => weights.bits,
    check: checkBits("weights"),
    scheme: { field: "bits", of: ["weights"] },
    read: (config) => schemesOf(config).weights.bits ?? 8,
  },
  activationBits: {
    default: ({ activations }) => activations.bits,
    check: checkBits("activations"),
    scheme: { field: "bits", of: ["activations"] },
    read: (config) => schemesOf(config).activations.bits ?? 8,
  },
  method: {
    default: ({ method }) => method as RangeMethod,
    check: oneOf("method", rangeMethods),
    // A method without a statistic sees all values together.
    write: (method) => ({ activations: { method, calib_statistic_method: "sweep" } }),
    read: ({ tensor_quantize_config: { activation } }) => activation.method,
  },
  weightMethod: {
    check: oneOf("weight method", rangeMethods),
    write: (method) => ({ weights: { method } }),
    read: ({ tensor_quantize_config: { weights } }) => weights.method,
  },
  statistic: {
    check: oneOf("batch statistic", batchStatistics),
    write: (calib_statistic_method) => ({ activations: { calib_statistic_method } }),
    read: ({ tensor_quantize_config: { activation } }) => statisticOf(activation),
  },
  perChannel: {
    default: ({ perChannel }) => perChannel,
    type: z.boolean(),
    write: (per_channel) => ({ weights: { per_channel } }),
    read: (config) => config.tensor_quantize_config.weights.per_channel && !hasPositions(config),
  },
  symmetric: {
    default: ({ activations }) => activations.symmetric,
    type: z.boolean(),
    scheme: { field: "symmetric", of: ["activations"] },
    // Symmetric codes have no zero point only if they are signed.
    write: (symmetry) => ({ activations: { symmetry, ...(symmetry && { signed: true }) } }),
    read: (config) => schemesOf(config).activations.symmetric ?? true,
  },
  signed: { type: flag, scheme: { field: "signed", of: ["activations"] } },
  narrow: { type: flag, scheme: { field: "narrow", of: ["weights"] } },
  powerOfTwo: { type: flag, scheme: { field: "powerOfTwo", of: ["activations", "weights"] } },
  rounding: {
    check: oneOf("rounding", roundings),
    scheme: { field: "rounding", of: ["activations", "weights"] },
  },
  schemes: {
    type: z.partialRecord(z.enum(["activations", "weights", "bias"]), scheme).optional(),
    read: schemesOf,
  },
  keepFirstLast: { type: flag, write: (keep) => ({ keep_first_last_layer_accuracy: keep }) },
  overrides: { type: z.array(rule).optional() },
  equalize: {
    check: oneOf("equalization", equalizeForms),
    write: () => ({ include_cle: true }),
    read: ({ include_cle }) => include_cle ? "vitis" : undefined,
  },
  biasCorrection: {
    check: oneOf("bias correction", biasCorrections),
    write: () => ({ include_bias_corr: true }),
    read: ({ include_bias_corr }) => include_bias_corr ? "vitis" : undefined,
  },
  relu6: {
    check: oneOf("treatment of ReLU6", relu6Choices),
    write: (choice) => ({ convert_relu6_to_relu: choice === "always" }),
    read: ({ convert_relu6_to_relu }) => convert_relu6_to_relu ? "always" : undefined,
  },
  hardSwish: {
    write: (convert_silu_to_hswish) => ({ convert_silu_to_hswish }),
    read: ({ convert_silu_to_hswish }) => convert_silu_to_hswish || undefined,
  },
  smooth: {
    check: (share) => share >= 0 && share <= 1 ? undefined : `Cannot smooth by ${share}: expected 0 to 1`,
  },
  bins: {},
  startBin: {},
  stride: {},
  coherence: {},
  grids: {},
};

function oneOf(what: string, words: readonly string[]) {
  return (word: string): string | undefined =>
    words.includes(word)
      ? undefined
      : `Cannot quantize with ${what} "${word}": expected one of ${words.join(", ")}`;
}

function checkShare(share: number): string | undefined {
  if (share > 0 && share <= 100) return undefined;
  return `Cannot keep ${share} percent of the values: expected more than 0, at most 100`;
}

function checkBits(what: string) {
  return (bits: number): string | undefined =>
    Number.isInteger(bits) && bits >= 2 && bits <= 16
      ? undefined
      : `Cannot quantize ${what} to ${bits} bits: expected 2 to 16`;
}
