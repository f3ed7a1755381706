// The default recipe: rewrite the graph; choose points for the target; observe once; solve encodings. A user with other
// wishes writes another few lines of the same calls.
import type { Histogram } from "./calibrate/histogram.ts";
import { observe } from "./calibrate/observe.ts";
import { type Method, methods, solve, type SolveParameters } from "./calibrate/solve.ts";
import { nearestWord } from "./dataset/nearest.ts";
import { ConfigError } from "./error.ts";
import { finetune, type Finetuned, type LayerProgress } from "./finetune/finetune.ts";
import type { Graph, Name, Node } from "./graph/graph.ts";
import { checkOps } from "./ops/table.ts";
import { foldBatchnorm } from "./passes/fold_batchnorm.ts";
import { inferShapes } from "./passes/infer_shapes.ts";
import { rewrite } from "./passes/rewrite.ts";
import { plannedOpset, upgradeOpset } from "./passes/upgrade_opset.ts";
import type { Batches, Machine } from "./plan/machine.ts";
import { encodeAll, type WeightMethod } from "./quantize/encodings.ts";
import type { Encodings, Range } from "./quantize/encoding.ts";
import { matcherOf } from "./quantize/exclude.ts";
import { checkFinite } from "./quantize/finite.ts";
import { choosePoints, type Points } from "./quantize/points.ts";
import { opsetFor, type Target } from "./quantize/target.ts";
import { ortCpu } from "./quantize/targets/ort_cpu.ts";

export type Recipe = {
  readonly target: Target;
  readonly method: Method;
  readonly parameters: SolveParameters;
  readonly weightMethod: WeightMethod;
  /** Answers why a node must stay float, or undefined. */
  readonly excludes: (node: Node) => string | undefined;
};

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

/** The recipe that these options ask for; ConfigError where they do not go together or name no node of the graph. */
export function recipeOf(options: QuantizeOptions, graph: Graph): Recipe {
  return {
    target: targetOf(options),
    method: options.method,
    parameters: { percentage: options.percentage },
    weightMethod: options.weightBits < 8 ? "mse" : "maxmin",
    excludes: exclusion(options.exclude, graph),
  };
}

export type Calibrated = {
  /** The float graph that the encodings belong to: opset raised, constants and normalizations folded. */
  readonly graph: Graph;
  readonly encodings: Encodings;
  readonly points: Points;
  readonly histograms: ReadonlyMap<Name, Histogram>;
  /** What each method would have chosen, from the same sweep. */
  readonly ranges: ReadonlyMap<Name, Readonly<Record<Method, Range>>>;
};

/** The graph that is calibrated: everything that changes the float arithmetic happens before the data is seen. */
export function prepare(graph: Graph, opset: number): Graph {
  checkOps(graph);
  const upgrade = upgradeOpset(opset);
  // Operators fold in the forms that src/ops declares. Where the codes need no such opset, the file keeps its own forms
  // and its arithmetic on shapes; plans upgrade and fold them anyway.
  if (Math.max(graph.opset, opset) < plannedOpset) return rewrite(graph, { upgrade, foldBatchnorm });
  return rewrite(graph, { upgrade, inferShapes, foldBatchnorm });
}

/** Float graph and data in, encodings out. */
export async function calibrateGraph(
  float: Graph,
  recipe: Recipe,
  machine: Machine,
  batches: Batches,
  progress?: (done: number) => void,
): Promise<Calibrated> {
  // Before folding, so that the file's own names are told; after it, because folding makes new weights.
  const graph = checkFinite(prepare(checkFinite(float), opsetFor(recipe.target.perChannel)));
  const points = checkPoints(choosePoints(graph, recipe.excludes));
  const histograms = await observe(graph, points.activations, machine, batches, progress);
  const ranges = new Map([...histograms].map(([name, histogram]) => [name, allRanges(histogram, recipe)]));
  const chosen = new Map([...ranges].map(([name, all]) => [name, all[recipe.method]]));
  const encodings = encodeAll(graph, points, chosen, recipe.target, recipe.weightMethod);
  return { graph, encodings, points, histograms, ranges };
}

/** Calibrated weights and biases become tuned ones: layer by layer, kept where the errors fall. */
export function finetuneCalibrated(
  { graph, encodings, points }: Pick<Calibrated, "graph" | "encodings" | "points">,
  machine: Machine,
  batches: Batches,
  progress?: LayerProgress,
): Promise<Finetuned> {
  return finetune({ graph: checkFinite(graph), encodings, points }, machine, batches, progress);
}

/** The points themselves; an error that gives the reasons when no node would run on codes. */
function checkPoints(points: Points): Points {
  if (points.quantized.size > 0) return points;
  const shown = points.float.slice(0, 5).map(({ type, name, why }) => `${type} "${name}": ${why}`);
  const more = points.float.length > shown.length ? `; and ${points.float.length - shown.length} more` : "";
  throw new ConfigError(
    `Cannot quantize: all ${points.float.length} nodes stay float, expected one to quantize at least (${
      shown.join("; ")
    }${more})`,
  );
}

function allRanges(histogram: Histogram, { target, parameters }: Recipe): Record<Method, Range> {
  const solved = methods.map((method) => [method, solve(method, histogram, target.activations, parameters)]);
  return Object.fromEntries(solved) as Record<Method, Range>;
}

function targetOf(options: QuantizeOptions): Target {
  const { weightBits, activationBits, perChannel, symmetric, percentage = 100 } = options;
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
    weights: { ...ortCpu.weights, bits: weightBits },
    activations: { ...ortCpu.activations, bits: activationBits, symmetric },
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
