// What calibration would do with a model, without data and without a device.
import type { Graph } from "../graph/graph.ts";
import { inspectGraph, type Inspection } from "./inspect_graph.ts";
import { staticShapes } from "../passes/static_shapes.ts";
import { proposePoints } from "../recipe.ts";
import { optionsFor, type QuantizeOptions, recipeOf } from "./options.ts";

/**
 * Which node would run where, and why: shapes and multiply-adds at batch 1. Needs neither data nor a device, so what
 * `smooth`, `relu6: "safe"` and corrections of biases do is not looked at; they place no codes elsewhere.
 * @throws ConfigError for options that do not go together, and for exclusions that name nothing.
 *
 * ```ts
 * const { nodes } = inspect(model, { preset: "dpu" });
 * for (const { name, device, why } of nodes) console.log(name, device, why);
 * ```
 */
export function inspect(model: Graph, said: Partial<QuantizeOptions> = {}): Inspection {
  const recipe = recipeOf(optionsFor(said), model);
  const { graph, points } = proposePoints(model, recipe);
  return inspectGraph(graph, points, recipe.target, staticShapes(graph));
}
