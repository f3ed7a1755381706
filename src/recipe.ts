// The default recipe: rewrite the graph; choose points for the target; observe once; solve encodings. A user with other
// wishes writes another few lines of the same calls.
import { type BatchStatistic, reduceRanges } from "./calibrate/batch_statistic.ts";
import { coherences } from "./calibrate/coherence.ts";
import type { Histogram } from "./calibrate/histogram.ts";
import { observe } from "./calibrate/observe.ts";
import { correctBias } from "./calibrate/correct_bias.ts";
import { type GraphMethods, prepareLayers, rewriteLayers } from "./calibrate/prepare_layers.ts";
import {
  type RangeMethod,
  rangeMethods,
  solve,
  type SolveParameters,
  weightMethodBy,
} from "./calibrate/solve.ts";
import { ConfigError, ModelError } from "./error.ts";
import { finetune, type Finetuned } from "./finetune/finetune.ts";
import type { FinetuneOptions } from "./finetune/methods.ts";
import { removeUnused } from "./graph/edit.ts";
import type { Graph, Name, Node } from "./graph/graph.ts";
import { foldBatchnorm } from "./passes/fold_batchnorm.ts";
import { holdConstants } from "./passes/hold_constants.ts";
import { nodesOfDoubles, refuseDoubles } from "./passes/doubles.ts";
import { decideBranches, inlineBranches } from "./passes/inline_branches.ts";
import { inlineFunctions } from "./passes/inline_functions.ts";
import { inferShapes } from "./passes/infer_shapes.ts";
import { weightSteps } from "./passes/fold_constants.ts";
import { type Keeps, recognize } from "./passes/recognize.ts";
import { rewrite } from "./passes/rewrite.ts";
import { splitConstants } from "./passes/split_constants.ts";
import { isFused, unfuse } from "./passes/unfuse.ts";
import { plannedOpset, upgradeOpset } from "./passes/upgrade_opset.ts";
import { widenHalves } from "./passes/widen.ts";
import type { Batches, Machine } from "./plan/machine.ts";
import { encodeAll } from "./quantize/encodings.ts";
import type { Encodings, Range, Scheme } from "./quantize/encoding.ts";
import { firstAndLast } from "./quantize/exclude.ts";
import { checkFinite } from "./quantize/finite.ts";
import { choosePoints, type Points } from "./quantize/points.ts";
import { opsetFor, opsetOf, type Target } from "./quantize/target.ts";
import { type LayerRule, type OverrideRule, overridesOf, type TensorSettings } from "./recipe/overrides.ts";
import { requireKnown, waitingText } from "./recipe/unknown.ts";
import type { FinetuneProgress } from "./finetune/tune_layers.ts";

export type Recipe = {
  readonly target: Target;
  readonly method: RangeMethod;
  readonly parameters: SolveParameters;
  readonly weightMethod: RangeMethod;
  /** Absent: as of activations. */
  readonly weightParameters?: SolveParameters;
  /** Tensors with a scheme or a range of their own. */
  readonly overrides?: readonly (OverrideRule | LayerRule)[];
  /** How ranges of the batches become one; absent: the range of all values together. */
  readonly statistic?: BatchStatistic;
  /** What changes the float graph before it is quantized. */
  readonly graphMethods?: GraphMethods;
  /** Answers why a node must stay float, or undefined. */
  readonly excludes: (node: Node) => string | undefined;
  /** The first and the last layer with weights stay float. */
  readonly keepFirstLast?: boolean;
};

type Placed = Pick<Calibrated, "graph" | "points">;

export type Calibrated = {
  /** The float graph that the encodings belong to: opset raised, constants and normalizations folded. */
  readonly graph: Graph;
  readonly encodings: Encodings;
  readonly points: Points;
  readonly histograms: ReadonlyMap<Name, Histogram>;
  /** What each method would have chosen, from the same sweep. */
  readonly ranges: ReadonlyMap<Name, Readonly<Record<RangeMethod, Range>>>;
};

/**
 * The graph that is calibrated: everything that changes the float arithmetic happens before the data is seen. Unknown
 * operators stay in it, and so does every node to keep: no pattern takes it in, and a fused one is not taken apart.
 */
export function prepare(model: Graph, opset: number, keeps: Keeps = () => false): Graph {
  const inlined = removeUnused(refuseDoubles(widenHalves(inlineFunctions(model))));
  // What is drawn for a fused node is in the planned forms.
  const least = inlined.nodes.some(isFused) ? plannedOpset : 0;
  const graph = unfuse(upgradeOpset(least)(inlined), keeps);
  const upgrade = upgradeOpset(opset);
  const fold = (one: Graph) => recognize(one, keeps);
  // Operators fold in the forms that src/ops declares. Where the codes need no such opset, the file keeps its own forms
  // and its arithmetic on shapes; plans upgrade and fold them anyway.
  if (Math.max(graph.opset, opset) < plannedOpset) {
    const passes = { upgrade, inlineBranches, holdConstants, recognize: fold, foldBatchnorm, splitConstants };
    return rewrite(graph, passes);
  }
  const foldWeights = (one: Graph) => inferShapes(one, weightSteps);
  return rewrite(graph, {
    upgrade,
    foldWeights,
    decideBranches,
    recognize: fold,
    foldBatchnorm,
    splitConstants,
  });
}

/** The same for a graph of which these values get codes: they are there. */
export function prepareFor(encodings: Encodings, model: Graph): Graph {
  const isCoded = (node: Node) => node.outputs.some((name) => encodings.has(name));
  return prepare(model, opsetOf(encodings), (node, isInner) => isInner && isCoded(node));
}

/** Float graph and data in, encodings out. */
export async function calibrateGraph(
  float: Graph,
  recipe: Recipe,
  machine: Machine,
  batches: Batches,
  progress?: (done: number) => void,
): Promise<Calibrated> {
  const { graphMethods = {} } = recipe;
  const placed = pointsIn(
    await prepareLayers(floatOf(float, recipe), graphMethods, machine, batches),
    recipe,
  );
  const names = placed.points.activations;
  const solvingOf = solvings(placed, recipe);
  const batchRanges = new Map<Name, Range[]>();
  const keep = (name: Name, histogram: Histogram) => {
    const { method, scheme, parameters, statistic } = solvingOf(name);
    if (statistic === undefined || histogram.total === 0) return;
    const range = solve(method, histogram, scheme, parameters);
    batchRanges.set(name, [...batchRanges.get(name) ?? [], range]);
  };
  const histograms = await observe(placed.graph, names, machine, batches, progress, keep);
  const solved = solveRanges({ ...placed, histograms }, recipe, batchRanges);
  const { biasCorrection } = graphMethods;
  if (!biasCorrection) return solved;
  const graph = await correctBias(biasCorrection, solved.graph, solved.encodings, machine, batches);
  return solveRanges({ ...solved, graph }, recipe, batchRanges);
}

/** The graph to calibrate and what to measure in it, where no method must see the data before that. */
export function placePoints(float: Graph, recipe: Recipe): Placed {
  return pointsIn(rewriteLayers(floatOf(float, recipe), recipe.graphMethods ?? {}), recipe);
}

/** `placePoints` without methods that see data first, and where all nodes may stay float. */
export function proposePoints(float: Graph, recipe: Recipe): Placed {
  const graph = rewriteLayers(floatOf(float, recipe), recipe.graphMethods ?? {});
  return { graph, points: choosePoints(graph, leaving(graph, recipe)) };
}

function floatOf(float: Graph, { target, excludes, overrides = [] }: Recipe): Graph {
  const settings: readonly { readonly bits?: number }[] = [target.activations, target.weights, ...overrides];
  const bits = settings.map(({ bits = 8 }) => bits);
  const perChannel = target.perChannel || overrides.some((rule) => rule.perChannel);
  // Before folding, so that the file's own names are told; after it, because folding makes new weights.
  return checkFinite(prepare(checkFinite(float), opsetFor(perChannel, Math.max(...bits)), excludes));
}

function pointsIn(graph: Graph, recipe: Recipe): Placed {
  return { graph, points: checkPoints(graph, choosePoints(graph, leaving(graph, recipe))) };
}

/**
 * What was measured becomes encodings: all that is done after the data was seen.
 * @throws ModelError where other values were measured than these points.
 */
export function solveRanges(
  measured: Placed & Pick<Calibrated, "histograms">,
  recipe: Recipe,
  batchRanges: ReadonlyMap<Name, readonly Range[]> = new Map(),
): Calibrated {
  requirePoints(measured.points.activations, measured.histograms);
  const { graph, points, histograms } = withoutUnseen(measured, recipe);
  const solvingOf = solvings({ graph, points }, recipe);
  const ranges = new Map(
    [...histograms].map(([name, histogram]) => [name, allRanges(histogram, solvingOf(name))]),
  );
  const chosen = new Map([...ranges].map(([name, all]): [Name, Range] => {
    const { method, scheme, statistic } = solvingOf(name);
    const parts = batchRanges.get(name);
    return [name, parts && statistic ? reduceRanges(parts, statistic, scheme) : all[method]];
  }));
  const encodings = encodingsFor({ graph, points }, chosen, recipe);
  return { graph, encodings, points, histograms, ranges };
}

/** Values of which no batch had an element (a selection that was always empty) leave the nodes around them in float. */
function withoutUnseen<T extends Placed & Pick<Calibrated, "histograms">>(measured: T, recipe: Recipe): T {
  const unseen = [...measured.histograms].filter(([, { total }]) => total === 0).map(([name]) => name);
  if (unseen.length === 0) return measured;
  const excludes = (node: Node) => {
    const name = unseen.find((one) => node.inputs.includes(one) || node.outputs.includes(one));
    return recipe.excludes(node) ?? (name && `value "${name}" had no element in any of these data`);
  };
  const placed = pointsIn(measured.graph, { ...recipe, excludes });
  const seen = new Set(placed.points.activations);
  const histograms = new Map([...measured.histograms].filter(([name]) => seen.has(name)));
  return { ...measured, ...placed, histograms };
}

/** Calibrated weights and biases become tuned ones: layer by layer, kept where the errors fall. */
export function finetuneCalibrated(
  { graph, encodings, placed: points }: Pick<Calibrated, "graph" | "encodings"> & { readonly placed: Points },
  machine: Machine,
  batches: Batches,
  course?: FinetuneProgress,
  options?: FinetuneOptions,
): Promise<Finetuned> {
  return finetune({ graph: checkFinite(graph), encodings, points }, machine, batches, course, options);
}

/** The encodings that each method would have chosen, from the one sweep. */
export function encodingsByMethod(found: Calibrated, recipe: Recipe) {
  return rangeMethods.map((method) => {
    const chosen = new Map([...found.ranges].map(([name, all]) => [name, all[method]]));
    return { method, encodings: encodingsFor(found, chosen, recipe) };
  });
}

function encodingsFor({ graph, points }: Placed, ranges: ReadonlyMap<Name, Range>, recipe: Recipe) {
  const { target, parameters, weightParameters = parameters, overrides = [] } = recipe;
  const own = overridesOf(overrides, points, graph);
  const named = ({ method, scheme, percentage, ...rest }: TensorSettings) => {
    const own = percentage === undefined ? parameters : { ...parameters, percentage };
    const weightMethod = method && weightMethodBy(method, { ...target.weights, ...scheme }, own);
    return { ...rest, scheme, weightMethod };
  };
  const resolved = new Map([...own].map(([name, settings]) => [name, named(settings)]));
  const weightMethod = weightMethodBy(recipe.weightMethod, target.weights, weightParameters);
  const encodings = encodeAll(graph, points, ranges, target, weightMethod, resolved);
  if (encodings.size > 0) return encodings;
  throw new ConfigError("Cannot quantize: every tensor is to stay float32, expected one with codes at least");
}

/** Of pictures, whose colours may be normalized each for itself. */
const colours = 3;

type Solving = Pick<Recipe, "method" | "parameters" | "statistic"> & { readonly scheme: Scheme };

/** How the range of each activation is chosen. */
function solvings({ graph, points }: Placed, recipe: Recipe): (name: Name) => Solving {
  const own = overridesOf(recipe.overrides ?? [], points, graph);
  const coherence = coherences(graph, points);
  return (name) => {
    const { scheme, percentage, method = recipe.method, statistic = recipe.statistic } = own.get(name) ?? {};
    const grids = graph.inputs.includes(name) ? colours : 0;
    const parameters = { ...recipe.parameters, coherence: coherence.get(name), grids };
    return {
      method,
      parameters: percentage === undefined ? parameters : { ...parameters, percentage },
      statistic: statistic === "sweep" ? undefined : statistic,
      scheme: { ...recipe.target.activations, ...scheme },
    };
  };
}

/** What cannot be computed, what the user excludes, then what the target's runtime leaves in float. */
function leaving(graph: Graph, { excludes, keepFirstLast, target }: Recipe): Recipe["excludes"] {
  const kept = keepFirstLast ? firstAndLast(graph) : [];
  const { name, leaves = {} } = target;
  const unknown = waitingText(graph);
  const doubles = nodesOfDoubles(graph);
  return (node) =>
    unknown(node) ??
      excludes(node) ??
      (doubles.has(node.outputs[0]) ? "it computes in float64" : undefined) ??
      (kept.includes(node.outputs[0]) ? "the first and the last layer stay float" : undefined) ??
      (leaves[node.opType] && `${name}: ${leaves[node.opType]}`);
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
function checkPoints(graph: Graph, points: Points): Points {
  if (points.quantized.size > 0) return points;
  requireKnown(graph);
  const shown = points.float.slice(0, 5).map(({ type, name, why }) => `${type} "${name}": ${why}`);
  const more = points.float.length > shown.length ? `; and ${points.float.length - shown.length} more` : "";
  throw new ConfigError(
    `Cannot quantize: all ${points.float.length} nodes stay float, expected one to quantize at least (${
      shown.join("; ")
    }${more})`,
  );
}

function allRanges(histogram: Histogram, { scheme, parameters }: Solving): Record<RangeMethod, Range> {
  const solved = rangeMethods.map((method) => [method, solve(method, histogram, scheme, parameters)]);
  return Object.fromEntries(solved) as Record<RangeMethod, Range>;
}
