// The default recipe: rewrite the graph; choose points for the target; observe once; solve encodings. A user with other
// wishes writes another few lines of the same calls.
import type { Histogram } from "./calibrate/histogram.ts";
import { observe } from "./calibrate/observe.ts";
import { type Method, methods, solve, type SolveParameters } from "./calibrate/solve.ts";
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
