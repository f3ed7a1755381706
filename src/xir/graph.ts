// A graph in the terms of XIR, the representation that compilers for AMD's DPUs read (Vitis AI 3.5, xir): activations
// NHWC, weights of convolutions OHWI, names of letters, digits and underscores, operators in topological order.
import type { Name } from "../graph/graph.ts";

/** Which of XIR's types a value has follows from the operator and the attribute: src/xir/schema.ts. */
export type XirValue = string | boolean | number | readonly string[] | readonly number[] | Uint8Array;

export type XirOp = {
  readonly name: string;
  /** Such as `conv2d`, `fix`, `data`; the ONNX operator's own name if `refused`. */
  readonly type: string;
  /** Windows are [width, height], pads [left, right, top, bottom]. */
  readonly attributes: Readonly<Record<string, XirValue>>;
  /** Names of operators by argument, such as `input`, `weights`, `bias`. */
  readonly inputs: Readonly<Record<string, readonly string[]>>;
  /** Of its only result. */
  readonly shape: readonly number[];
  /** The ONNX node that it comes from, by name or first output; absent for inputs, constants and inserted operators. */
  readonly node?: Name;
  /** A permutation that no node asks for: it converts between NHWC and NCHW. */
  readonly layout?: "NHWC to NCHW" | "NCHW to NHWC";
  /** Columns and rows that the node of a transposed convolution adds to its result; the pads allow for them. */
  readonly outputPadding?: readonly number[];
  /** Why XIR cannot express the node: a sentence without a full stop. */
  readonly refused?: string;
};

export type XirGraph = {
  readonly name: string;
  /** Each after the operators that it reads. */
  readonly ops: readonly XirOp[];
  /** The operators whose results are the graph's outputs. */
  readonly outputs: readonly string[];
};
