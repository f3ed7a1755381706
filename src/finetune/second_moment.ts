// Tunes one layer by its second moments.
import { within } from "../error.ts";
import type { Node } from "../graph/graph.ts";
import { opOf } from "../ops/table.ts";
import { insertQdq } from "../quantize/insert_qdq.ts";
import type { WeightPoint } from "../quantize/points.ts";
import { type LayerOutcome, tuneLayer } from "./layer.ts";
import { layerOf } from "./layer_of.ts";
import { places } from "./matrix.ts";
import { type Later, measureLayer } from "./measure.ts";
import type { Prefixes } from "./prefixes.ts";
import type { Sum } from "./sum.ts";
import type { Tunable } from "./tunable.ts";

export type LayerTask = {
  readonly point: WeightPoint;
  readonly node: Node;
  readonly sum?: Sum;
  readonly later: Later;
};

/** The layer's result, or why there is none; `isTooLarge`: only its second moments exceed the limit. */
export type LayerSolution = LayerOutcome | {
  readonly before?: undefined;
  readonly after?: undefined;
  readonly why: string;
  readonly isTooLarge?: boolean;
};

export async function tuneBySecondMoments(
  float: Tunable,
  tuned: Tunable,
  { point, node, sum, later }: LayerTask,
  prefixes: Prefixes,
): Promise<LayerSolution> {
  const { role } = opOf(node);
  const { shape } = float.graph.values.get(point.name)!.constant!;
  const operator = role.kind === "computes" ? role.moments?.(node, shape.length) : undefined;
  if (!operator || role.kind !== "computes") {
    return { why: "this form of its operator has no second moments" };
  }
  const layer = layerOf(float.graph, tuned, point, node);
  if ("why" in layer) return layer;
  const bytes = momentBytes(places(layer), role.groups?.(node));
  if (bytes > mostMomentBytes) {
    const why = `its second moments would take ${bytes} bytes, more than a device binds (${mostMomentBytes})`;
    return { why, isTooLarge: true };
  }
  const quantized = insertQdq(tuned.encodings)(tuned.graph);
  const measured = { output: point.node, operator, sum };
  const moments = await measureLayer(float.graph, quantized, measured, later, prefixes);
  if (!moments) return { why: "the data set has no readable sample" };
  return within(`layer "${node.name || point.node}"`, () => tuneLayer(layer, moments));
}

/** The storage binding size that WebGPU guarantees. */
const mostMomentBytes = 2 ** 27;

function momentBytes({ rows, columns }: ReturnType<typeof places>, groups = 1): number {
  return 4 * (groups * (columns + 1) + rows) * (columns + 2);
}
