// The options of quantization, as callers give them; src/recipe/option_rows.ts has their defaults and checks.
import type { BatchStatistic } from "../calibrate/batch_statistic.ts";
import type { GraphMethods } from "../calibrate/prepare_layers.ts";
import type { RangeMethod, SolveParameters } from "../calibrate/solve.ts";
import type { Scheme } from "../quantize/encoding.ts";
import type { Preset } from "../quantize/presets.ts";
import type { Rounding } from "../tensor/round.ts";
import type { LayerRule, OverrideRule } from "./overrides.ts";

export type QuantizeOptions = SolveParameters & GraphMethods & {
  readonly preset: Preset;
  /** With the preset for DPUs: one of them by name or fingerprint. What it does not run stays float. */
  readonly dpu?: string;
  /** How ranges of activations are chosen. */
  readonly method: RangeMethod;
  /** How ranges of weights are chosen; a preset's choice is maxmin, and mse below 8 bits. */
  readonly weightMethod?: RangeMethod;
  /** For weights by percentile; absent: as for activations. */
  readonly weightPercentage?: number;
  /** Reduces one range per batch to one; absent: the range of all values together. */
  readonly statistic?: BatchStatistic;
  /** 2 to 16; codes over 8 bits are stored as 16, constants of at most 4 two per byte, and both need opset 21. */
  readonly weightBits: number;
  /** 2 to 16. Under 8 bits QuantizeLinear gets a Clip in front. */
  readonly activationBits: number;
  readonly perChannel: boolean;
  /** Symmetric activations. */
  readonly symmetric: boolean;
  /** Signed codes for activations; those of weights always are. */
  readonly signed?: boolean;
  /** Weights leave out the lowest code. */
  readonly narrow?: boolean;
  /** How ties of weights and biases are rounded. */
  readonly rounding?: Rounding;
  /** Scales are powers of two. */
  readonly powerOfTwo?: boolean;
  /** Node names, operator types or regular expressions between slashes: these nodes stay float. */
  readonly exclude: readonly string[];
  /** The first and the last layer stay float. */
  readonly keepFirstLast?: boolean;
  /** Bits, codes, method or range of single tensors, by name or by node. */
  readonly overrides?: readonly (OverrideRule | LayerRule)[];
  /** The schemes of a configuration file, which override all of the above. */
  readonly schemes?: Readonly<Partial<Record<"activations" | "weights" | "bias", Partial<Scheme>>>>;
  /** Operators whose inputs get the fix position of their result, if the target has fix positions. */
  readonly alike?: readonly string[];
};
