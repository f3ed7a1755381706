// Products of matrices.
import { float, int, readAttributes, text } from "../../ops/declare/op.ts";
import { floatText, listText, torchCall } from "../code.ts";
import type { Row, Rows } from "./row.ts";

const gemm: Row = (node, from) => {
  const { alpha, beta, transA, transB } = readAttributes(node, {
    alpha: float(1),
    beta: float(1),
    transA: int(0),
    transB: int(0),
  });
  const [a, b, c] = node.inputs.map((name) => name && from.tensor(name));
  const isLinear = transB && !transA && alpha === 1 && beta === 1;
  if (isLinear && (!c || from.knownShape(node.inputs[2])?.length === 1)) {
    return torchCall("linear", a, b, c || "None");
  }
  const product = torchCall("matmul", transA ? torchCall("t", a) : a, transB ? torchCall("t", b) : b);
  const scaled = alpha === 1 ? product : torchCall("mul", product, floatText(alpha));
  if (!c) return scaled;
  return torchCall("add", scaled, beta === 1 ? c : torchCall("mul", c, floatText(beta)));
};

const einsum: Row = (node, from) => {
  const { equation } = readAttributes(node, { equation: text() });
  const operands = node.inputs.map((name) => from.tensor(name));
  return torchCall("einsum", JSON.stringify(equation.replace(/\s/g, "")), listText(operands));
};

export const productRows: Rows = {
  Einsum: einsum,
  Gemm: gemm,
  MatMul: ({ inputs: [a, b] }, from) => torchCall("matmul", from.tensor(a), from.tensor(b)),
};
