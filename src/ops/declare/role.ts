// The part that an operator takes in quantization.
import type { Node } from "../../graph/graph.ts";
import type { Tensor } from "../../tensor/tensor.ts";

/**
 * `undefined`: nothing. 0: zeros, which every encoding holds, under a code that need not be 0. A text: numbers that codes of
 * the data may not hold, in words that follow "its".
 */
export type Brought = 0 | string | undefined;

/** The kinds of operator whose inputs a fix-position device can be asked to give the position of their result. */
export type Meeting = "concatenation" | "pool";

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
    /** The axis of the weight that runs over output channels; undefined where there is one output. */
    readonly axis: (node: Node, weightRank: number) => number | undefined;
    /** The axis of the weight that runs over input channels. */
    readonly inputAxis?: (node: Node, weightRank: number) => number;
    /** Whether the data's channels run along their first axis: passes over channels know no such layer. */
    readonly turned?: (node: Node) => boolean;
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
    /** What comes in besides elements of input 0; absent: nothing ever does. */
    readonly brings?: (constants: readonly (Tensor | undefined)[], node: Node) => Brought;
    /** The axis along which it looks up entries of input 0, where that is a table; absent: it moves all or other elements. */
    readonly looksUp?: (node: Node) => number;
    readonly meets?: Meeting;
  }
  | {
    readonly kind: "joins";
    /** How many inputs, from the first, are data; the others are axes and the like. Absent: all. */
    readonly data?: number;
    readonly meets?: Meeting;
  }
  | { readonly kind: "follows" }
  | { readonly kind: "resists" };

/** The inputs that carry data, of a role that moves or joins them. */
export function dataOf(role: Role, { inputs }: Pick<Node, "inputs">): readonly string[] {
  const count = role.kind === "joins" ? role.data ?? inputs.length : 1;
  return inputs.slice(0, count).filter((name) => name !== "");
}
