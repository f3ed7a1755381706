// How weights are trained: their graph inside a step, and how to read the result.
import type { Name } from "../../graph/graph.ts";
import type { Feeds, Outputs } from "../../plan/machine.ts";
import type { Encoding } from "../../quantize/encoding.ts";
import { elementCount, type Shape } from "../../tensor/shape.ts";
import type { LayerWeights } from "../tunable.ts";
import type { UnitLayer } from "./candidate.ts";
import type { NewGraphBuilder } from "./graph_builder.ts";
import type { Parameters } from "./steps.ts";

export type Weights = {
  /** Adds a layer's weights to a step graph, and what is trained to `parameters`. */
  readonly add: (builder: NewGraphBuilder, part: UnitLayer, parameters: Parameters) => Name;
  /** A penalty to minimise besides the error, added after all layers. */
  readonly penalty?: (builder: NewGraphBuilder) => Name;
  /** Further feeds, given the share of steps done. */
  readonly feeds?: (share: number) => Feeds;
  /** Weights and scales after a step; the weights need not be on the grid yet. */
  readonly read: (part: UnitLayer, states: Outputs) => Pick<LayerWeights, "weights" | "encoding">;
  /** True if only the last step's weights are ready to be rounded. */
  readonly settles?: boolean;
};

/** The index of an element's scale. */
export function channelIn(shape: Shape, { axis }: Pick<Encoding, "axis">): (element: number) => number {
  if (axis === undefined) return () => 0;
  const inner = elementCount(shape.slice(axis + 1));
  return (element) => Math.floor(element / inner) % shape[axis];
}

/** The weights in codes, before rounding. */
export function ownCodes({ layer: { weights, shape, encoding } }: UnitLayer): Float32Array {
  const channel = channelIn(shape, encoding);
  return weights.map((w, i) => w / encoding.scale[channel(i)]);
}
