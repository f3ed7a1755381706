// What a caller may ask for, and what becomes of it: a recipe.
import type { Method } from "../calibrate/solve.ts";
import { ConfigError } from "../error.ts";
import { nearestWord } from "../formats/nearest.ts";
import type { Graph, Node } from "../graph/graph.ts";
import type { Scheme } from "../quantize/encoding.ts";
import type { WeightMethod } from "../quantize/encodings.ts";
import { matcherOf } from "../quantize/exclude.ts";
import type { Target } from "../quantize/target.ts";
import { ortCpu } from "../quantize/targets/ort_cpu.ts";
import type { Recipe } from "../recipe.ts";

export type QuantizeOptions = {
  readonly method: Method;
  /** For percentile: the share of values to keep, in percent. */
  readonly percentage?: number;
  /** 2 to 8; codes under 8 bits are stored as int8. */
  readonly weightBits: number;
  /** 8. */
  readonly activationBits: number;
  readonly perChannel: boolean;
  /** Symmetric activations; weights always are. */
  readonly symmetric: boolean;
  /** Node names, operator types or regular expressions between slashes: these nodes stay float. */
  readonly exclude: readonly string[];
  readonly preset: "ort-cpu";
  /** How ranges of weights are chosen; by default maxmin, and mse below 8 bits. */
  readonly weightMethod?: WeightMethod;
  /** What a configuration says beyond the preset. */
  readonly schemes?: { readonly activations: Partial<Scheme>; readonly weights: Partial<Scheme> };
};

/** int8: weights symmetric per channel, activations asymmetric per tensor. */
export const defaultOptions: QuantizeOptions = {
  method: "mse",
  weightBits: 8,
  activationBits: 8,
  perChannel: true,
  symmetric: false,
  exclude: [],
  preset: "ort-cpu",
};

/** ConfigError for options that do not go together, and for exclusions that name nothing. */
export function recipeOf(options: QuantizeOptions, graph: Graph): Recipe {
  return {
    target: targetOf(options),
    method: options.method,
    parameters: { percentage: options.percentage },
    weightMethod: weightMethodOf(options),
    excludes: exclusion(options.exclude, graph),
  };
}

export function weightMethodOf({ weightMethod, weightBits }: QuantizeOptions): WeightMethod {
  return weightMethod ?? (weightBits < 8 ? "mse" : "maxmin");
}

export function targetOf(options: QuantizeOptions): Target {
  const { weightBits, activationBits, perChannel, symmetric, schemes, percentage = 100 } = options;
  if (!(percentage > 0 && percentage <= 100)) {
    throw new ConfigError(
      `Cannot keep ${percentage} percent of the values: expected more than 0, at most 100`,
    );
  }
  if (!Number.isInteger(weightBits) || weightBits < 2 || weightBits > 8) {
    throw new ConfigError(`Cannot quantize weights to ${weightBits} bits: expected 2 to 8`);
  }
  if (activationBits !== 8) {
    throw new ConfigError(`Cannot quantize activations to ${activationBits} bits: expected 8`);
  }
  return {
    ...ortCpu,
    perChannel,
    // The lowest of 256 codes is worth leaving out for kernels that add products in 16 bits; of four codes it is not.
    weights: { ...ortCpu.weights, bits: weightBits, narrow: weightBits === 8, ...schemes?.weights },
    activations: { ...ortCpu.activations, bits: activationBits, symmetric, ...schemes?.activations },
  };
}

function exclusion(rules: readonly string[], graph: Graph): (node: Node) => string | undefined {
  const words = (node: Node) => [node.name, node.outputs[0], node.opType];
  const matchers = rules.map((rule) => {
    const matches = matcherOf(rule);
    if (graph.nodes.some((node) => words(node).some(matches))) return { rule, matches };
    const near = nearestWord(rule, graph.nodes.flatMap(words));
    throw new ConfigError(
      `Cannot exclude "${rule}": no node has such a name or type${near ? `, did you mean "${near}"?` : ""}`,
    );
  });
  return (node) => {
    const found = matchers.find(({ matches }) => words(node).some(matches));
    return found && `excluded by "${found.rule}"`;
  };
}
