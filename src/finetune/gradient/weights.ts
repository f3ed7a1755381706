// How weights are trained: what a step computes with, and what becomes of it.
import type { Name } from "../../graph/graph.ts";
import type { Feeds, Outputs } from "../../plan/machine.ts";
import type { Encoding } from "../../quantize/encoding.ts";
import { elementCount, type Shape } from "../../tensor/shape.ts";
import type { UnitLayer } from "./candidate.ts";
import type { Pen } from "./pen.ts";
import type { Parameters } from "./steps.ts";
import type { LayerWeights } from "../tunable.ts";

export type Weights = {
  /** Draws a layer's weights as a step computes with them, and adds what is trained. */
  readonly draw: (pen: Pen, part: UnitLayer, parameters: Parameters) => Name;
  /** A number to minimise besides the error, drawn after all layers. */
  readonly penalty?: (pen: Pen) => Name;
  /** What it wants fed, when this share of the steps is done. */
  readonly feeds?: (share: number) => Feeds;
  /** Weights and scales as they are after a step; the weights need not be on the codes' grid. */
  readonly read: (part: UnitLayer, states: Outputs) => Pick<LayerWeights, "weights" | "encoding">;
  /** True where only the last step's weights are meant to be rounded. */
  readonly settles?: boolean;
};

/** The scale of each element of a tensor, by its place. */
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
