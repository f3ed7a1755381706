// The role of an operator in quantization.
import type { Node } from "../../graph/graph.ts";
import type { Tensor } from "../../tensor/tensor.ts";

/**
 * `undefined`: nothing. 0: zeros, which every encoding represents, by a code that need not be 0. A text: numbers that
 * the data's encoding may not represent, in words that follow "its".
 */
export type Brought = 0 | string | undefined;

/** Kinds of operators whose inputs may be given the fix position of their result. */
export type Meeting = "concatenation" | "pool";

/**
 * How an operator takes part in quantization. `computes` multiplies data (input 0) by weights; `carries` moves
 * elements without changing them, so its output shares input 0's encoding; `joins` combines inputs to an output with
 * its own encoding; `resists` stays float. `follows`: a clamp or the like, which forms one unit with the producer of
 * its input.
 */
export type Role =
  | {
    readonly kind: "computes";
    readonly weight: number;
    readonly bias?: number;
    /** The output-channel axis of the weight; undefined if there is one output. */
    readonly axis: (node: Node, weightRank: number) => number | undefined;
    /** The input-channel axis of the weight. */
    readonly inputAxis?: (node: Node, weightRank: number) => number;
    /** Whether the data's channels are their first axis; passes over channels skip such layers. */
    readonly isTransposed?: (node: Node) => boolean;
    readonly groups?: (node: Node) => number;
    /** Which of both axes has the channels of one group only; the other has all. Absent: inputs. */
    readonly groupAxis?: "inputs" | "outputs";
    /** The share of the weights of one pair of channels that reach one output; absent: all. */
    readonly reach?: (node: Node) => number;
    /** The factor of the bias; absent: 1. */
    readonly biasFactor?: (node: Node) => number;
    /** The operator that accumulates this node's second moments, with its attributes; undefined: none. */
    readonly moments?: (node: Node, weightRank: number) => string | undefined;
  }
  | {
    readonly kind: "carries";
    /** What the output contains besides elements of input 0; absent: nothing. */
    readonly brings?: (constants: readonly (Tensor | undefined)[], node: Node) => Brought;
    /** The axis along which it looks up entries of input 0; absent: it is not a look-up. */
    readonly looksUp?: (node: Node) => number;
    readonly meets?: Meeting;
  }
  | {
    readonly kind: "joins";
    /** The number of leading inputs that are data; the others are axes and the like. Absent: all. */
    readonly data?: number;
    readonly meets?: Meeting;
  }
  | { readonly kind: "follows" }
  | { readonly kind: "resists" };

/** The data inputs of a node that moves or joins them. */
export function dataOf(role: Role, { inputs }: Pick<Node, "inputs">): readonly string[] {
  const count = role.kind === "joins" ? role.data ?? inputs.length : 1;
  return inputs.slice(0, count).filter((name) => name !== "");
}
