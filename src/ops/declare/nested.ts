// Declarations of operators with nested graphs, which may read values from outside.
import type { Graph, StaticValue } from "../../graph/graph.ts";
import type { Tensor } from "../../tensor/tensor.ts";

/** Runs the nested graph of this attribute on tensors for its inputs, in order; returns its outputs. */
export type RunBody = (attribute: string, inputs: readonly Tensor[]) => Promise<readonly Tensor[]>;

export type Nested<Last extends readonly unknown[]> = {
  /** An error text about the inputs and outputs of its nested graphs (`…, expected …`), or undefined. */
  readonly misfit?: (...last: Last) => string | undefined;
  /** The nested graph that constants select: it replaces the node before planning. */
  readonly branch?: (inputs: readonly (StaticValue | undefined)[], ...last: Last) => Graph | undefined;
  /** Runs the node on the host, once everything that the nested graphs read is available. */
  readonly run?: (
    inputs: readonly (Tensor | undefined)[],
    run: RunBody,
    ...last: Last
  ) => Promise<readonly Tensor[]>;
};
