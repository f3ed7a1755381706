// Reductions over axes, and orders along one.
import type { Node } from "../../graph/graph.ts";
import { int, readAttributes } from "../../ops/declare/op.ts";
import { boolText, listText, torchCall } from "../code.ts";
import type { Conversion } from "../conversion.ts";
import { refuse, type Row, type Rows } from "./row.ts";

const attributes = { keepdims: int(1), noop_with_empty_axes: int(0) };

/** Axes as literals; none if the node reduces nothing. */
function axesOf(node: Node, from: Conversion): number[] {
  const [x, axes] = node.inputs;
  const given = axes ? from.ints(axes)?.items.map(Number) : [];
  if (!given || given.some(Number.isNaN)) return refuse("its axes are computed, expected constants");
  if (given.length > 0) return given;
  const { noop_with_empty_axes } = readAttributes(node, attributes);
  return noop_with_empty_axes ? [] : Array.from({ length: from.rank(x) }, (_, axis) => axis);
}

/** The others compute on floats only. */
const integerReductions = ["sum", "amax", "amin"];

type Change = (x: string) => string;
const same: Change = (x) => x;

/** torch adds integers in int64 unless it gets a type. */
function sumType({ inputs: [x] }: Node, from: Conversion): string[] {
  return from.dtype(x).includes("float") ? [] : [`dtype=${from.scalarType(x)}`];
}

const reduction = (name: string, before = same, after = same): Row => (node, from) => {
  const axes = axesOf(node, from);
  const isFloat = from.dtype(node.inputs[0]).includes("float");
  if (!isFloat && !integerReductions.includes(name)) refuse(`its data are ${from.dtype(node.inputs[0])}`);
  const type = name === "sum" ? sumType(node, from) : [];
  const x = before(from.tensor(node.inputs[0]));
  const { keepdims } = readAttributes(node, attributes);
  return after(axes.length === 0 ? x : torchCall(name, x, listText(axes), boolText(keepdims), ...type));
};

const product: Row = (node, from) => {
  const rank = from.rank(node.inputs[0]);
  const axes = axesOf(node, from).map((axis) => axis < 0 ? axis + rank : axis).sort((a, b) => b - a);
  const keeps = boolText(readAttributes(node, attributes).keepdims);
  return axes.reduce(
    (x, axis) => torchCall("prod", x, axis, keeps, ...sumType(node, from)),
    from.tensor(node.inputs[0]),
  );
};

const argument = (name: string): Row => (node, from) => {
  const { axis, keepdims, select_last_index } = readAttributes(node, {
    axis: int(0),
    keepdims: int(1),
    select_last_index: int(0),
  });
  if (select_last_index) refuse("select_last_index is 1, expected 0");
  return torchCall(name, from.tensor(node.inputs[0]), axis, boolText(keepdims));
};

/** A stable sort, because ONNX gives equal elements in their order, which torch.topk does not. */
const topK: Row = (node, from) => {
  const { axis, largest } = readAttributes(node, { axis: int(-1), largest: int(1) });
  const [x, count] = node.inputs;
  const order = ["stable=True", `dim=${axis}`, `descending=${boolText(largest)}`];
  const pair = node.outputs.map((name) => from.name(name));
  from.statements.push(
    `${pair[0]}, ${pair[1] ?? from.name("unused")}, = ${torchCall("sort", from.tensor(x), ...order)}`,
  );
  return pair.map((sorted) => torchCall("slice", sorted, axis, 0, from.int(count), 1));
};

const cumulativeSum: Row = (node, from) => {
  const { exclusive, reverse } = readAttributes(node, { exclusive: int(0), reverse: int(0) });
  const [x, axisName] = node.inputs;
  const axis = from.scalar(axisName) ?? refuse("its axis is computed, expected a constant");
  const turned = (value: string) => reverse ? torchCall("flip", value, listText([axis])) : value;
  const value = turned(from.tensor(x));
  const sum = torchCall("cumsum", value, axis, ...sumType(node, from));
  return turned(exclusive ? torchCall("sub", sum, value) : sum);
};

const square: Change = (x) => torchCall("mul", x, x);
const absolute: Change = (x) => torchCall("abs", x);
const log: Change = (x) => torchCall("log", x);

export const reductionRows: Rows = {
  ArgMax: argument("argmax"),
  ArgMin: argument("argmin"),
  CumSum: cumulativeSum,
  ReduceL1: reduction("sum", absolute),
  ReduceL2: reduction("sum", square, (x) => torchCall("sqrt", x)),
  ReduceLogSum: reduction("sum", same, log),
  ReduceLogSumExp: reduction("logsumexp"),
  ReduceMax: reduction("amax"),
  ReduceMean: reduction("mean"),
  ReduceMin: reduction("amin"),
  ReduceProd: product,
  ReduceSum: reduction("sum"),
  ReduceSumSquare: reduction("sum", square),
  TopK: topK,
};
