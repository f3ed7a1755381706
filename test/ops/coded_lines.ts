// Q/DQ networks written line by line, and the bound against ONNX Runtime.
import type { Attribute, Name, Node } from "../../src/graph/graph.ts";
import type { DType } from "../../src/tensor/dtype.ts";
import { elementCount, type Shape } from "../../src/tensor/shape.ts";
import { type Tensor, tensor, tensorOver } from "../../src/tensor/tensor.ts";
import { signedCodes } from "../kernels/codes.ts";
import { seededFloats } from "../kernels/row.ts";
import { network, node } from "../passes/network.ts";
import { type Bound, exact, oneCode } from "./agreement.ts";
import { ints, type Model } from "./one_node.ts";

export type Coded = {
  readonly model: Model;
  readonly within: Bound;
  /** The reason why ONNX Runtime must run the nodes without its fusions. */
  readonly asWritten?: string;
};
/** `Conv x w > y` or `com.microsoft::QGemm x … > y`, and the attributes. */
type Line = string | readonly [string, Record<string, Attribute>];

type Options = {
  readonly constants?: Readonly<Record<Name, Tensor>>;
  readonly x?: Tensor;
  readonly outputs?: readonly Name[];
  readonly opset?: number;
  readonly within?: Bound;
  readonly asWritten?: string;
};

/** Float sums in another order, or float sums against integer sums. */
export const inFloat: Bound = { ...oneCode, reason: "one of them computes in float: one code, near a tie" };

export const scalar = (value: number, dtype: DType = "float32") => tensor(dtype as "float32", [], [value]);

/** Numbers between −1 and 1. */
export const reals = (shape: Shape, seed = 9) =>
  tensor("float32", shape, seededFloats(elementCount(shape), seed));

export const signedWeights = (shape: Shape, seed = 1) =>
  tensorOver("int8", shape, signedCodes(elementCount(shape), seed));

export const unsignedWeights = (shape: Shape, seed = 1) =>
  tensor("uint8", shape, Array.from(signedCodes(elementCount(shape), seed), (code) => code + 128));

export const biases = (...values: number[]) => tensor("int32", [values.length], values);

/**
 * Scales s, t and u; zero points z (middle code) and l (lowest code); scale v and zero point o of the weights w, k
 * and m.
 */
const known: Readonly<Record<Name, Tensor>> = {
  s: scalar(1 / 128),
  t: scalar(0.0213),
  u: scalar(0.0371),
  z: scalar(128, "uint8"),
  l: scalar(0, "uint8"),
  v: scalar(0.003),
  o: scalar(0, "int8"),
  w: signedWeights([5, 3, 3, 3]),
  k: signedWeights([5, 5, 1, 1], 2),
  m: signedWeights([7, 7], 3),
};

/** x quantized and dequantized to a. */
export const begin = ["QuantizeLinear x s z > q", "DequantizeLinear q s z > a"] as const;
export const pads = { pads: ints([1, 1, 1, 1]) };
/** Convolved to c. */
export const convolved = [...begin, "DequantizeLinear w v o > f", ["Conv a f > c", pads]] as const;
/** The convolution quantized and dequantized to e. */
export const reread = [...convolved, "QuantizeLinear c u z > b", "DequantizeLinear b u z > e"] as const;
export const end = "QuantizeLinear c u z > y";

/** The network of these nodes over `x`, with the constants that they read. */
export function codedNetwork(lines: readonly Line[], options: Options = {}): Coded {
  const { constants = {}, x = reals([2, 3, 6, 5]), outputs = ["y"], opset = 13, within = exact } = options;
  const nodes = lines.map((line) => typeof line === "string" ? nodeOf(line) : nodeOf(...line));
  const read = new Set(nodes.flatMap(({ inputs }) => inputs));
  const used = Object.entries({ ...known, ...constants }).filter(([name]) => read.has(name));
  const graph = network(nodes, {}, Object.fromEntries(used), outputs, opset);
  const values = new Map(graph.values).set("x", { dtype: x.dtype, shape: x.shape });
  const model = { graph: { ...graph, values, inputs: ["x"] }, feeds: new Map([["x", x]]) };
  return { model, within, asWritten: options.asWritten };
}

function nodeOf(line: string, attributes: Record<string, Attribute> = {}): Node {
  const made = node(line, attributes);
  const [domain, opType] = made.opType.split("::");
  return opType ? { ...made, domain, opType } : made;
}
