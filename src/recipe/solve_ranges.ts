// From statistics to encodings: everything that happens after the sweep over the data.
import { reduceRanges } from "../calibrate/batch_statistic.ts";
import { coherences } from "../calibrate/coherence.ts";
import type { Histogram } from "../calibrate/histogram.ts";
import { type RangeMethod, rangeMethods, solve, weightMethodBy } from "../calibrate/solve.ts";
import { ConfigError, ModelError } from "../error.ts";
import type { Name, Node } from "../graph/graph.ts";
import type { Encodings, Range, Scheme } from "../quantize/encoding.ts";
import { encodeAll } from "../quantize/encodings.ts";
import { overridesOf, type TensorSettings } from "./overrides.ts";
import { placePointsIn } from "./place_points.ts";
import type { Calibrated, Placement, Recipe } from "./recipe.ts";

type Measured = Placement & Pick<Calibrated, "histograms">;
export type BatchRanges = ReadonlyMap<Name, readonly Range[]>;

/**
 * @param batchRanges one range per batch, of tensors with a statistic.
 * @throws ModelError if the measured values are not these points.
 */
export function solveRanges(
  measured: Measured,
  recipe: Recipe,
  batchRanges: BatchRanges = new Map(),
): Calibrated {
  requirePoints(measured.points.activations, measured.histograms);
  const { graph, points, histograms } = dropUnseen(measured, recipe);
  const solvingOf = solvings({ graph, points }, recipe);
  const ranges = new Map(
    [...histograms].map(([name, histogram]) => [name, solveByAll(histogram, solvingOf(name))]),
  );
  const chosen = new Map([...ranges].map(([name, all]): [Name, Range] => {
    const { method, scheme, statistic } = solvingOf(name);
    const parts = batchRanges.get(name);
    return [name, parts && statistic ? reduceRanges(parts, statistic, scheme) : all[method]];
  }));
  const encodings = encode({ graph, points }, chosen, recipe);
  return { graph, encodings, points, histograms, ranges };
}

/** The encodings by each method, from the same sweep. */
export function encodingsByMethod(found: Calibrated, recipe: Recipe) {
  return rangeMethods.map((method) => {
    const chosen = new Map([...found.ranges].map(([name, all]) => [name, all[method]]));
    return { method, encodings: encode(found, chosen, recipe) };
  });
}

/** Collects the range of each batch, for tensors with a statistic. */
export function collectRanges(placement: Placement, recipe: Recipe) {
  const solvingOf = solvings(placement, recipe);
  const ranges = new Map<Name, Range[]>();
  const collect = (name: Name, histogram: Histogram) => {
    const { method, scheme, parameters, statistic } = solvingOf(name);
    if (statistic === undefined || histogram.total === 0) return;
    const range = solve(method, histogram, scheme, parameters);
    ranges.set(name, [...ranges.get(name) ?? [], range]);
  };
  return { ranges, collect };
}

type Solving = Pick<Recipe, "method" | "parameters" | "statistic"> & { readonly scheme: Scheme };

/** Inputs may be pictures, each of whose colours may be normalized by itself. */
const colours = 3;

/** How the range of each activation is chosen. */
function solvings({ graph, points }: Placement, recipe: Recipe): (name: Name) => Solving {
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

function solveByAll(histogram: Histogram, { scheme, parameters }: Solving): Record<RangeMethod, Range> {
  const solved = rangeMethods.map((method) => [method, solve(method, histogram, scheme, parameters)]);
  return Object.fromEntries(solved) as Record<RangeMethod, Range>;
}

function encode({ graph, points }: Placement, ranges: ReadonlyMap<Name, Range>, recipe: Recipe): Encodings {
  const { target, parameters, weightParameters = parameters, overrides = [] } = recipe;
  const overrideOf = ({ method, scheme, percentage, ...rest }: TensorSettings) => {
    const own = percentage === undefined ? parameters : { ...parameters, percentage };
    const weightMethod = method && weightMethodBy(method, { ...target.weights, ...scheme }, own);
    return { ...rest, scheme, weightMethod };
  };
  const settings = overridesOf(overrides, points, graph);
  const resolved = new Map([...settings].map(([name, one]) => [name, overrideOf(one)]));
  const weightMethod = weightMethodBy(recipe.weightMethod, target.weights, weightParameters);
  const encodings = encodeAll(graph, points, ranges, target, weightMethod, resolved);
  if (encodings.size > 0) return encodings;
  throw new ConfigError("Cannot quantize: every tensor is to stay float32, expected at least one with codes");
}

/** Nodes around values that had no element in any batch (a selection that was always empty) stay float. */
function dropUnseen(measured: Measured, recipe: Recipe): Measured {
  const unseen = [...measured.histograms].filter(([, { total }]) => total === 0).map(([name]) => name);
  if (unseen.length === 0) return measured;
  const excludes = (node: Node) => {
    const name = unseen.find((one) => node.inputs.includes(one) || node.outputs.includes(one));
    return recipe.excludes(node) ?? (name && `value "${name}" had no element in any of these data`);
  };
  const placement = placePointsIn(measured.graph, { ...recipe, excludes });
  const seen = new Set(placement.points.activations);
  const histograms = new Map([...measured.histograms].filter(([name]) => seen.has(name)));
  return { ...placement, histograms };
}

function requirePoints(expected: readonly string[], found: ReadonlyMap<string, unknown>): void {
  const absent = expected.find((name) => !found.has(name));
  const extra = [...found.keys()].find((name) => !expected.includes(name));
  if (absent === undefined && extra === undefined) return;
  throw new ModelError(
    absent !== undefined
      ? `Cannot use these statistics: value "${absent}" is not among them; measure again with these options`
      : `Cannot use these statistics: value "${extra}" is no point of this model; measure again`,
  );
}
