// The part that an operator takes in quantization.
import type { Node } from "../graph/graph.ts";
import type { Tensor } from "../tensor/tensor.ts";

/**
 * How an operator takes part in quantization. `computes` multiplies data (input 0) by weights; `carries` moves
 * elements without changing them, so its output shares input 0's encoding; `joins` has inputs that meet and an output
 * with its own encoding; `resists` stays float. `follows`: a clamp or the like, one unit with what produces its input.
 */
export type Role =
  | {
    readonly kind: "computes";
    readonly weight: number;
    readonly bias?: number;
    /** The axis of the weight that runs over output channels. */
    readonly axis: (node: Node, weightRank: number) => number;
    /** The axis of the weight that runs over input channels. */
    readonly inputAxis?: (node: Node, weightRank: number) => number;
    readonly groups?: (node: Node) => number;
    /** Which of both axes has the channels of one group only; the other has all (inputs). */
    readonly grouped?: "inputs" | "outputs";
    /** Which share of the weight's elements of one pair of channels reach an output, where that is not all. */
    readonly reach?: (node: Node) => number;
    /** What the bias is multiplied by, where that is not one. */
    readonly biasFactor?: (node: Node) => number;
    /** The operator that accumulates this node's second moments, with its attributes; undefined: none does. */
    readonly moments?: (node: Node, weightRank: number) => string | undefined;
  }
  | {
    readonly kind: "carries";
    /** False where elements come in that the codes of input 0 may not hold; absent: never. */
    readonly keeps?: (constants: readonly (Tensor | undefined)[], node: Node) => boolean;
  }
  | { readonly kind: "joins" }
  | { readonly kind: "follows" }
  | { readonly kind: "resists" };
