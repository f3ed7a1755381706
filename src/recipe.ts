// The default recipe: rewrite the graph; choose points for the target; observe once; solve encodings. A user with other
// wishes writes another few lines of the same calls.
import type { Histogram } from "./calibrate/histogram.ts";
import { observe } from "./calibrate/observe.ts";
import { type Method, methods, solve, type SolveParameters } from "./calibrate/solve.ts";
import { ConfigError, ModelError } from "./error.ts";
import { finetune, type Finetuned, type LayerProgress } from "./finetune/finetune.ts";
import type { Graph, Name, Node } from "./graph/graph.ts";
import { checkOps } from "./ops/table.ts";
import { foldBatchnorm } from "./passes/fold_batchnorm.ts";
import { decideBranches, inlineBranches } from "./passes/inline_branches.ts";
import { inlineFunctions } from "./passes/inline_functions.ts";
import { inferShapes } from "./passes/infer_shapes.ts";
import { rewrite } from "./passes/rewrite.ts";
import { plannedOpset, upgradeOpset } from "./passes/upgrade_opset.ts";
import type { Batches, Machine } from "./plan/machine.ts";
import { encodeAll, type WeightMethod } from "./quantize/encodings.ts";
import type { Encodings, Range } from "./quantize/encoding.ts";
import { checkFinite } from "./quantize/finite.ts";
import { choosePoints, type Points } from "./quantize/points.ts";
import { opsetFor, type Target } from "./quantize/target.ts";

export type Recipe = {
  readonly target: Target;
  readonly method: Method;
  readonly parameters: SolveParameters;
  readonly weightMethod: WeightMethod;
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
export function prepare(model: Graph, opset: number): Graph {
  const graph = checkOps(inlineFunctions(model));
  const upgrade = upgradeOpset(opset);
  // Operators fold in the forms that src/ops declares. Where the codes need no such opset, the file keeps its own forms
  // and its arithmetic on shapes; plans upgrade and fold them anyway.
  if (Math.max(graph.opset, opset) < plannedOpset) {
    return rewrite(graph, { upgrade, inlineBranches, foldBatchnorm });
  }
  return rewrite(graph, { upgrade, inferShapes, decideBranches, foldBatchnorm });
}

/** Float graph and data in, encodings out. */
export async function calibrateGraph(
  float: Graph,
  recipe: Recipe,
  machine: Machine,
  batches: Batches,
  progress?: (done: number) => void,
): Promise<Calibrated> {
  const placed = placePoints(float, recipe);
  const histograms = await observe(placed.graph, placed.points.activations, machine, batches, progress);
  return solveRanges({ ...placed, histograms }, recipe);
}

/** The graph to calibrate and what to measure in it: all that is done before the data is seen. */
export function placePoints(float: Graph, recipe: Recipe): Pick<Calibrated, "graph" | "points"> {
  // Before folding, so that the file's own names are told; after it, because folding makes new weights.
  const graph = checkFinite(prepare(checkFinite(float), opsetFor(recipe.target.perChannel)));
  return { graph, points: checkPoints(choosePoints(graph, recipe.excludes)) };
}

/**
 * What was measured becomes encodings: all that is done after the data was seen.
 * @throws ModelError where other values were measured than these points.
 */
export function solveRanges(
  { graph, points, histograms }: Pick<Calibrated, "graph" | "points" | "histograms">,
  recipe: Recipe,
): Calibrated {
  requirePoints(points.activations, histograms);
  const ranges = new Map([...histograms].map(([name, histogram]) => [name, allRanges(histogram, recipe)]));
  const chosen = new Map([...ranges].map(([name, all]) => [name, all[recipe.method]]));
  const encodings = encodeAll(graph, points, chosen, recipe.target, recipe.weightMethod);
  return { graph, encodings, points, histograms, ranges };
}

/** Calibrated weights and biases become tuned ones: layer by layer, kept where the errors fall. */
export function finetuneCalibrated(
  { graph, encodings, placed: points }: Pick<Calibrated, "graph" | "encodings"> & { readonly placed: Points },
  machine: Machine,
  batches: Batches,
  progress?: LayerProgress,
): Promise<Finetuned> {
  return finetune({ graph: checkFinite(graph), encodings, points }, machine, batches, progress);
}

function requirePoints(wanted: readonly string[], found: ReadonlyMap<string, unknown>): void {
  const absent = wanted.find((name) => !found.has(name));
  const extra = [...found.keys()].find((name) => !wanted.includes(name));
  if (absent === undefined && extra === undefined) return;
  throw new ModelError(
    absent !== undefined
      ? `Cannot use these statistics: value "${absent}" is not among them; measure again with these options`
      : `Cannot use these statistics: value "${extra}" is no point of this model; measure again`,
  );
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
