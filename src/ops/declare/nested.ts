// What an operator declares whose nodes hold graphs. Those graphs may read values from outside.
import type { Graph, Node, StaticValue } from "../../graph/graph.ts";
import type { Tensor } from "../../tensor/tensor.ts";

/** Runs the nested graph of this attribute on tensors for its inputs, in order; answers its outputs. */
export type RunBody = (attribute: string, inputs: readonly Tensor[]) => Promise<readonly Tensor[]>;

export type Nested = {
  /** What is wrong with the inputs and outputs of its nested graphs, or undefined: `…, expected …`. */
  readonly misfit?: (node: Node) => string | undefined;
  /** The nested graph that constants choose: it takes the node's place before planning. */
  readonly branch?: (inputs: readonly (StaticValue | undefined)[], node: Node) => Graph | undefined;
  /** What the host does with the nested graphs, once all that they read is there. */
  readonly control?: (
    inputs: readonly (Tensor | undefined)[],
    node: Node,
    run: RunBody,
  ) => Promise<readonly Tensor[]>;
};
