// Operators that join tensors, take parts of them, or move their elements.
import type { Node } from "../../graph/graph.ts";
import { float, int, ints, optional, readAttributes, text } from "../../ops/declare/op.ts";
import { numbers } from "../../tensor/tensor.ts";
import { boolText, floatsText, floatText, listText, torchCall } from "../code.ts";
import type { Conversion } from "../conversion.ts";
import { refuse, type Row, type Rows } from "./row.ts";

const concat: Row = (node, from) => {
  const { axis } = readAttributes(node, { axis: int() });
  return torchCall("cat", listText(node.inputs.map((name) => from.tensor(name))), axis);
};

/** Indices as torch takes them: int64. */
function indices(name: string, from: Conversion): string {
  const found = from.tensor(name);
  return from.dtype(name) === "int64" ? found : torchCall("to", found, 4);
}

const gather: Row = (node, from) => {
  const [x, index] = node.inputs;
  const { axis } = readAttributes(node, { axis: int(0) });
  const one = from.ints(index);
  if (one?.rank === 0) return torchCall("select", from.tensor(x), axis, one.items[0]);
  const before = new Array<string>(axis < 0 ? axis + from.rank(x) : axis).fill("None");
  const list = `annotate(List[Optional[Tensor]], ${listText([...before, indices(index, from)])})`;
  return torchCall("index", from.tensor(x), list);
};

/** Indices below 0 count from the end, which torch's gather and scatter do not know. */
function positive(index: string, axis: number, x: string, from: Conversion): string {
  const found = indices(index, from);
  const size = torchCall("size", from.tensor(x), axis);
  return torchCall("where", torchCall("lt", found, 0), torchCall("add", found, size), found);
}

const gatherElements: Row = (node, from) => {
  const [x, index] = node.inputs;
  const { axis } = readAttributes(node, { axis: int(0) });
  return torchCall("gather", from.tensor(x), axis, positive(index, axis, x, from));
};

/** Slices with a negative step are slices of the flipped axis, whose element i is element −1 − i. */
const slice: Row = ({ inputs: [x, starts, ends, axesName, stepsName] }, from) => {
  const [first, last] = [starts, ends].map((name) => itemsOf(name, from));
  const axes = axesName ? itemsOf(axesName, from) : first.map((_, i) => String(i));
  const steps = stepsName ? itemsOf(stepsName, from).map(Number) : first.map(() => 1);
  if (steps.some((step) => !Number.isInteger(step))) refuse("its steps are computed, expected constants");
  return axes.reduce((made, axis, i) => {
    if (steps[i] > 0) return torchCall("slice", made, axis, first[i], last[i], steps[i]);
    const [start, end] = [first[i], last[i]].map((item) => {
      if (/^-?\d+$/.test(item)) return String(-1n - BigInt(item));
      return torchCall("sub", "-1", item);
    });
    return torchCall("slice", torchCall("flip", made, listText([axis])), axis, start, end, -steps[i]);
  }, from.tensor(x));
};

function itemsOf(name: string, from: Conversion): readonly string[] {
  const items = from.ints(name)?.items;
  if (items) return items;
  const [count] = from.shape(name);
  if (typeof count !== "number") refuse(`the number of elements of "${name}" is open`);
  const list = from.assign(`${name}_list`, from.intList(name));
  return Array.from({ length: Number(count) }, (_, i) => `${list}[${i}]`);
}

const split: Row = (node, from) => {
  const [x, sizes] = node.inputs;
  const { axis } = readAttributes(node, { axis: int(0) });
  const count = node.outputs.length;
  const name = `${node.outputs[0]}_parts`;
  const ceiling = () => {
    const size = from.size(x, axis);
    if (!Number.isNaN(Number(size))) return String(Math.ceil(Number(size) / count));
    return torchCall("floordiv", torchCall("add", size, count - 1), count);
  };
  const parts = from.assign(
    name,
    sizes
      ? torchCall("split_with_sizes", from.tensor(x), from.intList(sizes), axis)
      : torchCall("split", from.tensor(x), ceiling(), axis),
  );
  return node.outputs.map((_, i) => `${parts}[${i}]`);
};

const padModes: Readonly<Record<string, string>> = {
  constant: "constant",
  reflect: "reflect",
  edge: "replicate",
  wrap: "circular",
};

const pad: Row = (node, from) => {
  const [x, padsName, value, axesName] = node.inputs;
  const { mode } = readAttributes(node, { mode: text("constant") });
  const pads = itemsOf(padsName, from);
  const rank = axesName ? from.rank(x) : pads.length / 2;
  const axes = axesName
    ? itemsOf(axesName, from).map((axis) => Number(axis) < 0 ? Number(axis) + rank : Number(axis))
    : Array.from({ length: rank }, (_, axis) => axis);
  const order = Array.from({ length: rank }, (_, i) => axes.indexOf(rank - 1 - i));
  const list = order.flatMap((at) => at < 0 ? ["0", "0"] : [pads[at], pads[at + axes.length]]);
  const filled = value ? from.scalar(value) : 0;
  if (mode === "constant") {
    const text = filled === undefined ? `float(${from.tensor(value)})` : floatText(filled);
    return torchCall("constant_pad_nd", from.tensor(x), listText(list), text);
  }
  // In these modes torch pads the last axes only, and up to three of them.
  while (list.length > 2 && list.at(-1) === "0" && list.at(-2) === "0" && list.length > 2 * (rank - 2)) {
    list.splice(-2);
  }
  const most = Math.min(rank - 1, 3);
  if (list.length > 2 * most || list.some((item) => item.startsWith("-"))) {
    refuse(`mode is ${mode} with pads [${pads}], expected pads of 0 or more at the last ${most} axes`);
  }
  return torchCall(
    "pad",
    from.tensor(x),
    listText(list),
    `"${padModes[mode] ?? refuse(`mode is ${mode}`)}"`,
    "None",
  );
};

const resizeAttributes = {
  antialias: int(0),
  axes: optional(ints),
  coordinate_transformation_mode: text("half_pixel"),
  cubic_coeff_a: float(-0.75),
  exclude_outside: int(0),
  mode: text("nearest"),
  nearest_mode: text("round_prefer_floor"),
};

/** Where torch's functions have ONNX's definition. */
const resize: Row = (node, from) => {
  const a = readAttributes(node, resizeAttributes);
  const [x, , scalesName, sizesName] = node.inputs;
  const rank = from.rank(x);
  const scales = scalesName ? constantScales(scalesName, from) : undefined;
  const sizes = sizesName ? itemsOf(sizesName, from) : undefined;
  const given = (scales?.length ?? sizes?.length)! === rank && !a.axes ? 2 : 0;
  const space = rank - 2;
  if (space < 1 || space > 3) refuse(`its data have ${rank} dimensions, expected 3, 4 or 5`);
  if (!/float/.test(from.dtype(x))) refuse(`its data are ${from.dtype(x)}, expected floats`);
  const isFirstKept = given === 0 || (scales ? scales[0] === 1 && scales[1] === 1 : true);
  if (!isFirstKept) refuse("it resizes batch or channels");
  if (a.antialias || a.exclude_outside) refuse("antialias or exclude_outside is 1, expected 0");
  const [name, corners] = resizeFunction(a, (scales ?? ratiosOf(x, sizes, from))?.slice(given), space);
  const lists = scales
    ? ["None", ...corners, floatsText(scales.slice(given))]
    : [listText(sizes!.slice(given)), ...corners, "None"];
  return torchCall(`${name}${space}d`, from.tensor(x), ...lists);
};

function constantScales(name: string, from: Conversion): number[] | undefined {
  const constant = from.constant(name);
  const found = constant ? numbers(constant) : refuse("its scales are computed, expected constants");
  return found.length > 0 ? found : undefined;
}

/** The scales that sizes mean, if the input's are the same for every run. */
function ratiosOf(x: string, sizes: readonly string[] | undefined, from: Conversion): number[] | undefined {
  const shape = from.shape(x).slice(-(sizes?.length ?? 0));
  const ratios = sizes?.map((size, i) => Number(size) / Number(shape[i] === "" ? NaN : shape[i]));
  return ratios?.some(Number.isNaN)
    ? ratios.map((ratio, i) => i < 2 && shape.length > 2 ? 1 : ratio)
    : ratios;
}

type ResizeAttributes = {
  readonly coordinate_transformation_mode: string;
  readonly cubic_coeff_a: number;
  readonly mode: string;
  readonly nearest_mode: string;
};

const linear = ["", "upsample_linear1d", "upsample_bilinear2d", "upsample_trilinear3d"];

/** torch's function without its number of axes, and whether corners are aligned, if it takes that. */
function resizeFunction(
  { coordinate_transformation_mode: where, mode, nearest_mode, cubic_coeff_a }: ResizeAttributes,
  scales: readonly number[] | undefined,
  space: number,
): [name: string, corners: string[]] {
  if (mode === "nearest") return [nearestFunction(where, nearest_mode, scales), []];
  const isAligned = where === "align_corners";
  if (!isAligned && where !== "half_pixel" && where !== "pytorch_half_pixel") {
    refuse(`mode is ${mode} with coordinate_transformation_mode ${where}, which torch does not have`);
  }
  const corners = [boolText(isAligned)];
  if (mode === "linear") return [linear[space].replace(/\dd$/, ""), corners];
  if (space !== 2 || Math.abs(cubic_coeff_a + 0.75) > 1e-6) {
    refuse("it is cubic, which torch has over two axes with coefficient -0.75 only");
  }
  return ["upsample_bicubic", corners];
}

/** Element floor(i / scale), or floor((i + 1/2) / scale); both repeat elements if the scale is a whole number. */
function nearestFunction(where: string, rounding: string, scales: readonly number[] | undefined): string {
  const isWhole = scales?.every((scale) => Number.isInteger(scale) && scale >= 1);
  const isExact = isWhole || scales?.every((scale) => Number.isInteger(1 / scale));
  if (where === "asymmetric" && rounding === "floor" && isExact) return "upsample_nearest";
  if (where.endsWith("half_pixel") && (isWhole || rounding === "round_prefer_ceil")) {
    return "_upsample_nearest_exact";
  }
  const isDouble = isWhole && scales!.every((scale) => scale <= 2);
  if (where === "asymmetric" && rounding === "round_prefer_floor" && isDouble) return "upsample_nearest";
  return refuse(
    `it takes the nearest element with coordinate_transformation_mode ${where} and nearest_mode ${rounding}, ` +
      "which torch does not have for these scales",
  );
}

function blocksOf(node: Node) {
  return readAttributes(node, { blocksize: int(), mode: text("DCR") });
}

const depthToSpace: Row = (node, from) => {
  const { blocksize: block, mode } = blocksOf(node);
  const [x] = node.inputs;
  if (mode === "CRD") return torchCall("pixel_shuffle", from.tensor(x), block);
  // Channels ordered block row, block column, channel become channel, block row, block column.
  const sizes = [0, 2, 3].map((axis) => from.size(x, axis));
  const split = torchCall(
    "reshape",
    from.tensor(x),
    listText([sizes[0], block * block, -1, sizes[1], sizes[2]]),
  );
  const ordered = torchCall("flatten", torchCall("transpose", split, 1, 2), 1, 2);
  return torchCall("pixel_shuffle", ordered, block);
};

const spaceToDepth: Row = (node, from) => {
  const { blocksize: block } = blocksOf(node);
  const [x] = node.inputs;
  const apart = torchCall("pixel_unshuffle", from.tensor(x), block);
  const sizes = [torchCall("size", apart, 0), torchCall("size", apart, 2), torchCall("size", apart, 3)];
  const split = torchCall("reshape", apart, listText([sizes[0], -1, block * block, sizes[1], sizes[2]]));
  return torchCall("flatten", torchCall("transpose", split, 1, 2), 1, 2);
};

const scatterElements: Row = (node, from) => {
  const { axis, reduction } = readAttributes(node, { axis: int(0), reduction: text("none") });
  const name = { none: "scatter", add: "scatter_add" }[reduction] ?? refuse(`reduction is ${reduction}`);
  const [x, index, updates] = node.inputs;
  return torchCall(name, from.tensor(x), axis, positive(index, axis, x, from), from.tensor(updates));
};

const gridModes: Readonly<Record<string, number>> = {
  linear: 0,
  bilinear: 0,
  nearest: 1,
  cubic: 2,
  bicubic: 2,
};
const gridPadding: Readonly<Record<string, number>> = { zeros: 0, border: 1, reflection: 2 };

const gridSample: Row = (node, from) => {
  const { mode, padding_mode, align_corners } = readAttributes(node, {
    mode: text("linear"),
    padding_mode: text("zeros"),
    align_corners: int(0),
  });
  const [x, grid] = node.inputs;
  const rank = from.rank(x);
  if (gridModes[mode] === 1 && padding_mode === "reflection") {
    refuse("it takes the nearest element of a reflection");
  }
  if (rank > 5 || (rank !== 4 && gridModes[mode] === 2)) refuse(`mode is ${mode} over ${rank - 2} axes`);
  const modes = [gridModes[mode], gridPadding[padding_mode], boolText(align_corners)];
  return torchCall("grid_sampler", from.tensor(x), from.tensor(grid), ...modes);
};

const nonZero: Row = ({ inputs: [x] }, from) => torchCall("t", torchCall("nonzero", from.tensor(x)));

const trilu: Row = (node, from) => {
  const { upper } = readAttributes(node, { upper: int(1) });
  const [x, k] = node.inputs;
  return torchCall(upper ? "triu" : "tril", from.tensor(x), k ? from.int(k) : 0);
};

export const movingRows: Rows = {
  Concat: concat,
  DepthToSpace: depthToSpace,
  Gather: gather,
  GatherElements: gatherElements,
  GridSample: gridSample,
  NonZero: nonZero,
  Pad: pad,
  Resize: resize,
  ScatterElements: scatterElements,
  Slice: slice,
  SpaceToDepth: spaceToDepth,
  Split: split,
  Trilu: trilu,
};
