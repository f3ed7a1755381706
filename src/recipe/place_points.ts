// Chooses the values to measure and to quantize, by a recipe.
import { rewriteLayers } from "../calibrate/prepare_layers.ts";
import { nodesOnCpu } from "../dpu/place_nodes.ts";
import { ConfigError } from "../error.ts";
import type { Graph } from "../graph/graph.ts";
import { nodesOfDoubles } from "../passes/doubles.ts";
import { firstAndLast } from "../quantize/exclude.ts";
import { checkFinite } from "../quantize/finite.ts";
import { choosePoints, type Points } from "../quantize/points.ts";
import { opsetFor } from "../quantize/target.ts";
import { prepare } from "./prepare.ts";
import type { Placement, Recipe } from "./recipe.ts";
import { blockedReasons, requireKnown } from "./unknown.ts";

/** The graph to calibrate and its points, if no method must see the data first. */
export function placePoints(float: Graph, recipe: Recipe): Placement {
  return placePointsIn(rewriteLayers(prepareFloat(float, recipe), recipe.graphMethods ?? {}), recipe);
}

/** As `placePoints`, without methods that see data first; all nodes may stay float. */
export function proposePoints(float: Graph, recipe: Recipe): Placement {
  const graph = rewriteLayers(prepareFloat(float, recipe), recipe.graphMethods ?? {});
  return { graph, points: choosePointsBy(recipe, graph) };
}

/** ConfigError with the reasons if all nodes of this prepared graph would stay float. */
export function placePointsIn(graph: Graph, recipe: Recipe): Placement {
  return { graph, points: requireQuantized(graph, choosePointsBy(recipe, graph)) };
}

function choosePointsBy(recipe: Recipe, graph: Graph): Points {
  return choosePoints(graph, reasonsForFloat(graph, recipe), recipe.target.everyResult);
}

/** The graph prepared for the widest codes of the recipe. */
export function prepareFloat(float: Graph, { target, excludes, overrides = [] }: Recipe): Graph {
  const schemes: readonly { readonly bits?: number }[] = [target.activations, target.weights, ...overrides];
  const bits = schemes.map(({ bits = 8 }) => bits);
  const perChannel = target.perChannel || overrides.some((rule) => rule.perChannel);
  // Before folding, so that errors have the file's own names; after it, because folding makes new weights.
  return checkFinite(prepare(checkFinite(float), opsetFor(perChannel, Math.max(...bits)), excludes));
}

/** Why a node must stay float, whatever its neighbours. */
type Reasons = Recipe["excludes"];

/** First what cannot be computed, then the user's exclusions, then what the target runs in float. */
function reasonsForFloat(graph: Graph, recipe: Recipe): Reasons {
  const onCpu = recipe.dpu ? nodesOnCpu(graph, recipe.dpu) : new Map<string, string>();
  const reasonOf = reasonsOfRecipe(graph, recipe);
  return (node) => reasonOf(node) ?? onCpu.get(node.name || node.outputs[0]);
}

/** As `reasonsForFloat`, without the limits of a DPU. */
export function reasonsOfRecipe(graph: Graph, { excludes, keepFirstLast, target }: Recipe): Reasons {
  const kept = keepFirstLast ? firstAndLast(graph) : [];
  const { name, leaves = {} } = target;
  const unknown = blockedReasons(graph);
  const doubles = nodesOfDoubles(graph);
  return (node) =>
    unknown(node) ??
      excludes(node) ??
      (doubles.has(node.outputs[0]) ? "it computes in float64" : undefined) ??
      (kept.includes(node.outputs[0]) ? "the first and the last layer stay float" : undefined) ??
      (leaves[node.opType] && `${name}: ${leaves[node.opType]}`);
}

function requireQuantized(graph: Graph, points: Points): Points {
  if (points.quantized.size > 0) return points;
  requireKnown(graph);
  const shown = points.float.slice(0, 5).map(({ type, name, why }) => `${type} "${name}": ${why}`);
  const more = points.float.length > shown.length ? `; and ${points.float.length - shown.length} more` : "";
  throw new ConfigError(
    `Cannot quantize: all ${points.float.length} nodes stay float, expected at least one to quantize (${
      shown.join("; ")
    }${more})`,
  );
}
