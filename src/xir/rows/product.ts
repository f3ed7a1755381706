// Gemm and MatMul: matmul with constant weights [out, in], as vai_q_pytorch writes a linear layer.
import type { Name, Node } from "../../graph/graph.ts";
import { float, int, readAttributes } from "../../ops/declare/op.ts";
import { elementCount } from "../../tensor/shape.ts";
import { floats, type Tensor, tensor } from "../../tensor/tensor.ts";
import type { Conversion, Made } from "../conversion.ts";
import { transposeTensor, withShape } from "../layout.ts";
import { refuse, type Refused, type Rows } from "./row.ts";

/** Operators that a matrix of reordered columns may pass. */
const elementwise = new Set(["Fix", "Relu", "Clip", "LeakyRelu", "Sigmoid", "Tanh", "Identity", "Dropout"]);

/** Whether all readers of a matrix can take its columns in another order, because they multiply by constants. */
export function readsColumns(name: Name, from: Conversion): boolean {
  if (from.graph.outputs.includes(name)) return false;
  return (from.readers.get(name) ?? []).every((node) => {
    if (elementwise.has(node.opType)) return readsColumns(node.outputs[0], from);
    const isProduct = node.opType === "Gemm" || node.opType === "MatMul";
    if (!isProduct || node.inputs[0] !== name || node.attributes.get("transA")?.value === 1n) return false;
    return from.constant(node.inputs[1])?.tensor.shape.length === 2;
  });
}

function gemm(node: Node, from: Conversion): Made | Refused {
  const [x, w, c] = node.inputs;
  const { alpha, beta, transA, transB } = readAttributes(node, {
    alpha: float(1),
    beta: float(1),
    transA: int(0),
    transB: int(0),
  });
  const weights = from.constant(w);
  if (!weights) return refuse("its weights are not constant");
  if (alpha !== 1 || (c && beta !== 1)) return refuse(`alpha is ${alpha} and beta is ${beta}, expected 1`);
  const count = from.shape(node.outputs[0])[1];
  const bias = c ? from.constant(c) : undefined;
  if (c && !bias) return refuse("its bias is not constant");
  if (bias && ![1, count].includes(elementCount(bias.tensor.shape))) {
    return refuse(`its bias is of shape [${bias.tensor.shape}], expected [${count}]`);
  }
  return product([transA === 1, true], {
    input: [from.read(x, "plain"), weightsOf(node, from, transB === 1)],
    ...(bias && { bias: [from.hold(bias, `vector ${count}`, (one) => repeatTo(one, count))] }),
  });
}

function matMul(node: Node, from: Conversion): Made | Refused {
  const [x, w] = node.inputs;
  const ranks = [x, w].map((name) => from.shape(name).length);
  if (Math.min(...ranks) < 2) {
    return refuse(`an operand has ${Math.min(...ranks)} dimensions, expected 2 or more`);
  }
  if (from.constant(w) && ranks[1] === 2 && !from.constant(x)) {
    return product([false, true], { input: [from.read(x, "plain"), weightsOf(node, from, false)] });
  }
  return product([false, false], { input: [from.read(x, "plain"), from.read(w, "plain")] });
}

function product([transpose_a, transpose_b]: readonly [boolean, boolean], inputs: Made["inputs"]): Made {
  return { type: "matmul", attributes: { transpose_a, transpose_b }, inputs };
}

/** Weights [out, in]; columns follow those of the data. */
function weightsOf({ inputs: [x, w] }: Node, from: Conversion, isTransposed: boolean): string {
  const channels = from.place(x)?.channels;
  return from.hold(from.constant(w)!, `rows ${isTransposed} ${channels}`, (one) => {
    const rows = isTransposed ? one : transposeTensor(one, [1, 0]);
    return channels === undefined ? rows : pixelsFirst(rows, channels);
  });
}

/** Columns in the order of channels, then pixels → pixels, then channels. */
function pixelsFirst(rows: Tensor, channels: number): Tensor {
  const { shape: [out, columns] } = rows;
  const split = withShape(rows, [out, channels, columns / channels]);
  return withShape(transposeTensor(split, [0, 2, 1]), [out, columns]);
}

function repeatTo(one: Tensor, count: number): Tensor {
  const values = floats(one);
  return tensor(
    "float32",
    [count],
    values.length === count ? values : new Float32Array(count).fill(values[0]),
  );
}

export const productRows: Rows = { Gemm: gemm, MatMul: matMul };
