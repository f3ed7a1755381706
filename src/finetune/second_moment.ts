// One layer by its second moments.
import { within } from "../error.ts";
import type { Node } from "../graph/graph.ts";
import { opOf } from "../ops/table.ts";
import { insertQdq } from "../quantize/insert_qdq.ts";
import type { WeightPoint } from "../quantize/points.ts";
import type { Tunable } from "./tunable.ts";
import { type LayerOutcome, tuneLayer } from "./layer.ts";
import { layerOf } from "./layer_of.ts";
import { places } from "./matrix.ts";
import { type Later, measureLayer } from "./measure.ts";
import type { Prefixes } from "./prefixes.ts";
import type { Sum } from "./sum.ts";

export type Turn = {
  readonly point: WeightPoint;
  readonly node: Node;
  readonly sum?: Sum;
  readonly later: Later;
};

/** What became of a layer, or why nothing; `isTooLarge`: only because of its second moments. */
export type Found = LayerOutcome | {
  readonly before?: undefined;
  readonly after?: undefined;
  readonly why: string;
  readonly isTooLarge?: boolean;
};

export async function tuneBySecondMoments(
  float: Tunable,
  tuned: Tunable,
  { point, node, sum, later }: Turn,
  prefixes: Prefixes,
): Promise<Found> {
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
  if (!moments) return { why: "the data set has no sample that can be read" };
  return within(`layer "${node.name || point.node}"`, () => tuneLayer(layer, moments));
}

/** The smallest storage binding that WebGPU promises. */
const mostMomentBytes = 2 ** 27;

function momentBytes({ rows, columns }: ReturnType<typeof places>, groups = 1): number {
  return 4 * (groups * (columns + 1) + rows) * (columns + 2);
}
