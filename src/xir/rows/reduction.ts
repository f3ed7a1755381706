// Reductions, and positions of the largest element.
import { type Node, staticValueOf } from "../../graph/graph.ts";
import { int, readAttributes } from "../../ops/declare/op.ts";
import { axesOf, reduceAttributes } from "../../ops/reduce.ts";
import { normalAxis } from "../../tensor/shape.ts";
import type { Conversion } from "../conversion.ts";
import { axisIn, type Layout, listIn } from "../layout.ts";
import { refuse, type Row, type Rows } from "./row.ts";

const reduction = (type: string): Row => (node, from) => {
  const given = readAttributes(node, reduceAttributes);
  const axes = axesOf(node.inputs.map((name) => staticValueOf(from.graph, name)), given);
  if (axes.length === 0) return "same";
  const keeps = given.keepdims === 1;
  const layout = layoutFor(node, from, axes, keeps);
  const rank = from.shape(node.inputs[0]).length;
  return {
    type,
    attributes: {
      axis: axes.map((axis) => axisIn(axis, rank, layout)).sort((a, b) => a - b),
      keep_dims: keeps,
    },
    inputs: { input: [from.read(node.inputs[0], layout)] },
    layout,
  };
};

/** The layout of the data, unless the axes that remain would be in another order than in ONNX. */
function layoutFor({ inputs: [x] }: Node, from: Conversion, axes: readonly number[], keeps: boolean): Layout {
  const layout = from.meet([x]);
  const rest = listIn([...from.shape(x).keys()], layout).filter((axis) => !axes.includes(axis));
  return keeps || rest.every((axis, i) => i === 0 || axis > rest[i - 1]) ? layout : "plain";
}

const argMax: Row = (node, from) => {
  const [x] = node.inputs;
  const { axis, keepdims, select_last_index } = readAttributes(node, {
    axis: int(0),
    keepdims: int(1),
    select_last_index: int(0),
  });
  if (select_last_index === 1) return refuse("select_last_index is 1, but argmax of XIR takes the first");
  const shape = from.shape(x);
  const along = normalAxis(axis, shape.length);
  const layout = layoutFor(node, from, [along], keepdims === 1);
  const place = axisIn(along, shape.length, layout);
  const input = from.read(x, layout);
  if (keepdims === 1) {
    return { type: "argmax", attributes: { axis: place }, inputs: { input: [input] }, layout };
  }
  const found = from.add(`${node.name || node.outputs[0]}_argmax`, {
    type: "argmax",
    attributes: { axis: place },
    inputs: { input: [input] },
    shape: from.shapeOf(input).map((size, i) => i === place ? 1 : size),
  });
  return { type: "squeeze", attributes: { axis: [place] }, inputs: { input: [found] } };
};

export const reductionRows: Rows = {
  ReduceMean: reduction("reduction_mean"),
  ReduceSum: reduction("reduction_sum"),
  ReduceMax: reduction("reduction_max"),
  ReduceProd: reduction("reduction_product"),
  ArgMax: argMax,
};
