// The default recipe: rewrite the graph; choose points for the target; observe once; solve encodings. A user with other
// wishes writes another few lines of the same calls.
import { type BatchStatistic, reduceRanges } from "./calibrate/batch_statistic.ts";
import type { Histogram } from "./calibrate/histogram.ts";
import { observe } from "./calibrate/observe.ts";
import { correctBias } from "./calibrate/correct_bias.ts";
import { type GraphMethods, prepareLayers } from "./calibrate/prepare_layers.ts";
import { type Method, methods, solve, type SolveParameters } from "./calibrate/solve.ts";
import { ConfigError } from "./error.ts";
import type { Graph, Name, Node } from "./graph/graph.ts";
import { checkOps } from "./ops/table.ts";
import { foldBatchnorm } from "./passes/fold_batchnorm.ts";
import { inferShapes } from "./passes/infer_shapes.ts";
import { rewrite } from "./passes/rewrite.ts";
import { plannedOpset, upgradeOpset } from "./passes/upgrade_opset.ts";
import type { Batches, Machine } from "./plan/machine.ts";
import { encodeAll } from "./quantize/encodings.ts";
import { type OverrideRule, overridesOf } from "./quantize/overrides.ts";
import type { WeightMethod } from "./quantize/weights.ts";
import type { Encodings, Range, Scheme } from "./quantize/encoding.ts";
import { checkFinite } from "./quantize/finite.ts";
import { choosePoints, type Points } from "./quantize/points.ts";
import { opsetFor, type Target } from "./quantize/target.ts";

export type Recipe = {
  readonly target: Target;
  readonly method: Method;
  readonly parameters: SolveParameters;
  readonly weightMethod: WeightMethod;
  /** Tensors with a scheme or a range of their own. */
  readonly overrides?: readonly OverrideRule[];
  /** How ranges of the batches become one; absent: the range of all values together. */
  readonly statistic?: BatchStatistic;
  /** What changes the float graph before it is quantized. */
  readonly graphMethods?: GraphMethods;
  /** Answers why a node must stay float, or undefined. */
  readonly excludes: (node: Node) => string | undefined;
};

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
  const { target, method, statistic, parameters } = recipe;
  const bits = [target.activations, target.weights, ...(recipe.overrides ?? [])].map(({ bits = 8 }) => bits);
  const perChannel = target.perChannel || (recipe.overrides ?? []).some((rule) => rule.perChannel);
  const prepared = checkFinite(prepare(checkFinite(float), opsetFor(perChannel, Math.max(...bits))));
  const { graphMethods = {} } = recipe;
  const graph = await prepareLayers(prepared, graphMethods, machine, batches);
  const points = checkPoints(choosePoints(graph, leaving(recipe)));
  const overrides = overridesOf(recipe.overrides ?? [], points);
  const schemeOf = (name: Name) => ({ ...target.activations, ...overrides.get(name)?.scheme });
  const perBatch = new Map<Name, Range[]>(points.activations.map((name) => [name, []]));
  const keep = (name: Name, histogram: Histogram) =>
    void perBatch.get(name)!.push(solve(method, histogram, schemeOf(name), parameters));
  const each = statistic && keep;
  const histograms = await observe(graph, points.activations, machine, batches, progress, each);
  const ranges = new Map(
    [...histograms].map(([name, histogram]) => [name, allRanges(histogram, schemeOf(name), parameters)]),
  );
  const chosen = new Map([...ranges].map(([name, all]): [Name, Range] => [
    name,
    statistic ? reduceRanges(perBatch.get(name)!, statistic, schemeOf(name)) : all[method],
  ]));
  const encode = (graph: Graph) => encodeAll(graph, points, chosen, target, recipe.weightMethod, overrides);
  const encodings = encode(graph);
  const { biasCorrection } = graphMethods;
  if (!biasCorrection) return { graph, encodings, points, histograms, ranges };
  const corrected = await correctBias(biasCorrection, graph, encodings, machine, batches);
  return { graph: corrected, encodings: encode(corrected), points, histograms, ranges };
}

/** The encodings that each method would have chosen, from the one sweep. */
export function encodingsByMethod({ graph, points, ranges }: Calibrated, recipe: Recipe) {
  const overrides = overridesOf(recipe.overrides ?? [], points);
  return methods.map((method) => {
    const chosen = new Map([...ranges].map(([name, all]) => [name, all[method]]));
    const encodings = encodeAll(graph, points, chosen, recipe.target, recipe.weightMethod, overrides);
    return { method, encodings };
  });
}

/** What the user excludes, then what the target's runtime leaves in float. */
function leaving({ excludes, target: { name, leaves = {} } }: Recipe): Recipe["excludes"] {
  return (node) => excludes(node) ?? (leaves[node.opType] && `${name}: ${leaves[node.opType]}`);
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

function allRanges(
  histogram: Histogram,
  scheme: Scheme,
  parameters: SolveParameters,
): Record<Method, Range> {
  const solved = methods.map((method) => [method, solve(method, histogram, scheme, parameters)]);
  return Object.fromEntries(solved) as Record<Method, Range>;
}
