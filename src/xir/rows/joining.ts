// Elementwise functions of several operands, and Concat.
import type { Node } from "../../graph/graph.ts";
import { int, readAttributes } from "../../ops/declare/op.ts";
import { normalAxis } from "../../tensor/shape.ts";
import { axisIn } from "../layout.ts";
import type { Row, Rows } from "./row.ts";

const elementwise = (type: string): Row => ({ inputs, outputs }: Node, from) => {
  if (inputs.length === 1) return "same";
  const rank = from.shape(outputs[0]).length;
  const layout = from.meet(inputs);
  return { type, inputs: { input: inputs.map((name) => from.read(name, layout, rank)) }, layout };
};

const concat: Row = (node, from) => {
  const { axis } = readAttributes(node, { axis: int() });
  const layout = from.meet(node.inputs);
  const rank = from.shape(node.outputs[0]).length;
  return {
    type: "concat",
    attributes: { axis: axisIn(normalAxis(axis, rank), rank, layout) },
    inputs: { input: node.inputs.map((name) => from.readWhole(name, layout)) },
    layout,
  };
};

export const joiningRows: Rows = {
  Add: elementwise("add"),
  Sub: elementwise("sub"),
  Mul: elementwise("mul"),
  Div: elementwise("div"),
  Max: elementwise("max"),
  Min: elementwise("min"),
  Sum: elementwise("add"),
  Concat: concat,
};
