// Shapes: their sizes, and operators that change them or make tensors of them.
import { int, ints, optional, readAttributes, tensorOf } from "../../ops/declare/op.ts";
import { elementCount } from "../../tensor/shape.ts";
import { elements, numbers, type Tensor } from "../../tensor/tensor.ts";
import { floatText, listText, torchCall } from "../code.ts";
import type { Conversion, Ints } from "../conversion.ts";
import { scalarTypeOf } from "../element_types.ts";
import { refuse, type Row, type Rows } from "./row.ts";

const shape: Row = (node, from): Ints => {
  const [x] = node.inputs;
  const { start, end } = readAttributes(node, { start: int(0), end: optional(int) });
  const axes = Array.from({ length: from.rank(x) }, (_, axis) => axis).slice(start, end);
  return { items: axes.map((axis) => from.size(x, axis)), rank: 1 };
};

const size: Row = ({ inputs: [x] }, from): Ints => ({
  items: [from.constant(x) ? `${elementCount(from.constant(x)!.shape)}` : torchCall("numel", from.tensor(x))],
  rank: 0,
});

/** A size of 0 in ONNX is the input's; of −1 what is left, in both. */
const reshape: Row = (node, from) => {
  const [x, wanted] = node.inputs;
  const { allowzero } = readAttributes(node, { allowzero: int(0) });
  const items = from.ints(wanted)?.items.map((item, axis) =>
    item === "0" && !allowzero ? from.size(x, axis) : item
  );
  return torchCall("reshape", from.tensor(x), items ? listText(items) : from.intList(wanted));
};

const flatten: Row = (node, from) => {
  const [x] = node.inputs;
  const { axis } = readAttributes(node, { axis: int(1) });
  if (axis === 1) return torchCall("flatten", from.tensor(x), 1, -1);
  const first = axis < 0 ? axis + from.rank(x) : axis;
  const rows = Array.from({ length: first }, (_, i) => from.size(x, i));
  const count = rows.reduce((product, item) => product === "1" ? item : torchCall("mul", product, item), "1");
  return torchCall("reshape", from.tensor(x), listText([count, "-1"]));
};

/** Constant axes, counted from the front of `rank` dimensions, in order. */
function axesOf(name: string, rank: () => number, from: Conversion): number[] {
  const axes = from.ints(name)?.items.map(Number) ?? [NaN];
  if (axes.some(Number.isNaN)) refuse("its axes are computed, expected constants");
  return axes.map((axis) => axis < 0 ? axis + rank() : axis).sort((a, b) => a - b);
}

const unsqueeze: Row = ({ inputs: [x, axesName] }, from) => {
  const count = from.ints(axesName)?.items.length ?? 0;
  const axes = axesOf(axesName, () => from.rank(x) + count, from);
  return axes.reduce((made, axis) => torchCall("unsqueeze", made, axis), from.tensor(x));
};

const squeeze: Row = ({ inputs: [x, axesName] }, from) => {
  if (!axesName) return torchCall("squeeze", from.tensor(x));
  const axes = axesOf(axesName, () => from.rank(x), from).reverse();
  return axes.reduce((made, axis) => torchCall("squeeze", made, axis), from.tensor(x));
};

/** ONNX's shape may have 1 where the input has more; nothing is copied. */
const expand: Row = ({ inputs: [x, wanted] }, from) => {
  const like = from.make("empty", scalarTypeOf("float32"), from.intList(wanted));
  return `${torchCall("broadcast_tensors", listText([from.tensor(x), like]))}[0]`;
};

const tile: Row = ({ inputs: [x, repeats] }, from) =>
  torchCall("repeat", from.tensor(x), from.intList(repeats));

/** The only element, exact if it is an int64. */
function numberIn(value: Tensor): number | bigint {
  return value.dtype === "int64" ? (elements(value)[0] as bigint) : numbers(value)[0];
}

const constantOfShape: Row = (node, from) => {
  const { value } = readAttributes(node, { value: optional(tensorOf) });
  const dtype = value?.dtype ?? "float32";
  const filled = value ? numberIn(value) : 0;
  const text = dtype === "bool"
    ? (filled ? "True" : "False")
    : dtype.includes("float")
    ? floatText(Number(filled))
    : String(filled);
  return from.make("full", scalarTypeOf(dtype), from.intList(node.inputs[0]), text);
};

const range: Row = ({ inputs, outputs: [y] }, from) => {
  const isFloat = from.dtype(inputs[0]).includes("float");
  const ends = inputs.map((name) => isFloat ? `float(${from.tensor(name)})` : from.int(name));
  return from.make("arange", from.scalarType(y), ...ends);
};

const transpose: Row = (node, from) => {
  const { perm } = readAttributes(node, { perm: optional(ints) });
  const [x] = node.inputs;
  const order = perm ?? Array.from({ length: from.rank(x) }, (_, i) => i).reverse();
  return torchCall("permute", from.tensor(x), listText(order));
};

/** Readers find its value among the constants. */
const constant: Row = ({ outputs: [y] }, from) => {
  if (!from.constant(y)) refuse("its value is text or sparse");
};

export const shapeRows: Rows = {
  Constant: constant,
  ConstantOfShape: constantOfShape,
  Expand: expand,
  Flatten: flatten,
  Range: range,
  Reshape: reshape,
  Shape: shape,
  Size: size,
  Squeeze: squeeze,
  Tile: tile,
  Transpose: transpose,
  Unsqueeze: unsqueeze,
};
