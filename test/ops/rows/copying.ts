// Rows of the operators that copy elements to positions known at planning time: all exact.
import { tensor } from "../../../src/tensor/tensor.ts";
import { exact } from "../agreement.ts";
import { dyadic, int, ints, type Row, text, whole } from "../one_node.ts";

type Numbers = readonly number[];

const row = (opType: string, about: string, more: Omit<Row, "opType" | "about" | "within">): Row => ({
  opType,
  about,
  within: exact,
  ...more,
});

/** Integers that are not exact in float32. */
const large = (shape: Numbers) => {
  const count = shape.reduce((product, size) => product * size, 1);
  return tensor(
    "int32",
    shape,
    Array.from({ length: count }, (_, i) => 2 ** 24 + 1 + i * 2 - (i % 3) * 2 ** 30),
  );
};
const bools = (shape: Numbers) => {
  const count = shape.reduce((product, size) => product * size, 1);
  return tensor("bool", shape, Array.from({ length: count }, (_, i) => (i * 5) % 3 === 0 ? 1 : 0));
};

const repeated: Row[] = [
  row("Expand", "new and repeated axes", { inputs: [dyadic([3, 1]), whole([2, 1, 4])] }),
  row("Expand", "to less than it has", { inputs: [dyadic([2, 3]), whole([1])] }),
  row("Expand", "a scalar of bool", { inputs: [bools([]), whole([2, 3])] }),
  row("Expand", "seven axes", { inputs: [large([2, 1, 2, 1, 3, 1, 2]), whole([2, 3, 1, 2, 1, 2, 2])] }),
  row("Expand", "to nothing", { inputs: [dyadic([2, 1]), whole([2, 0])] }),
  row("Tile", "every axis", { inputs: [dyadic([2, 3]), whole([2, 3])] }),
  row("Tile", "four axes, all repeated", { inputs: [large([2, 1, 3, 2]), whole([2, 3, 2, 2])] }),
  row("Tile", "zero times", { inputs: [dyadic([2, 3]), whole([2, 0])] }),
];

const splitRow = (about: string, shape: Numbers, axis: number, parts: Numbers, opset = 13): Row =>
  row("Split", about, {
    inputs: [dyadic(shape), opset >= 13 ? whole(parts) : undefined],
    attributes: { axis: int(axis), ...(opset >= 13 ? {} : { split: ints(parts) }) },
    outputs: parts.length,
    opset,
  });

const splits: Row[] = [
  splitRow("unequal parts", [2, 7, 3], 1, [2, 4, 1]),
  splitRow("a negative axis, an empty part", [2, 5], -1, [3, 0, 2]),
  splitRow("opset 11", [6, 2], 0, [1, 5], 11),
  row("Split", "equal parts", { inputs: [large([6, 2])], outputs: 3 }),
  row("Split", "a smaller last part", {
    inputs: [dyadic([2, 7])],
    attributes: { axis: int(1), num_outputs: int(3) },
    outputs: 3,
    opset: 18,
  }),
];

const blocks: Row[] = [
  ...["DCR", "CRD"].map((mode) =>
    row("DepthToSpace", mode, {
      inputs: [dyadic([2, 12, 2, 3])],
      attributes: { blocksize: int(2), mode: text(mode) },
    })
  ),
  row("DepthToSpace", "opset 1, integers", {
    inputs: [dyadic([1, 18, 2, 1])],
    attributes: { blocksize: int(3) },
    opset: 7,
  }),
  row("SpaceToDepth", "blocks of 2", { inputs: [dyadic([2, 3, 4, 6])], attributes: { blocksize: int(2) } }),
  row("SpaceToDepth", "blocks of 3", { inputs: [dyadic([1, 1, 3, 9])], attributes: { blocksize: int(3) } }),
];

const pad = (about: string, mode: string, shape: Numbers, pads: Numbers, opset = 13): Row =>
  row("Pad", `${mode}, ${about}`, {
    inputs: [dyadic(shape), whole(pads)],
    attributes: { mode: text(mode) },
    opset,
  });

const pads: Row[] = [
  ...["reflect", "edge", "wrap"].flatMap((mode) => [
    pad("a picture", mode, [1, 3, 4, 5], [0, 0, 1, 2, 0, 0, 3, 4], 19),
    pad("every axis", mode, [3, 2, 4], [2, 1, 0, 1, 1, 3], 19),
    pad("one side is cut", mode, [6, 5], [-2, 1, 2, -1], 19),
    pad("nothing", mode, [2, 2], [0, 0, 0, 0], 19),
  ]),
  pad("opset 11", "reflect", [4, 5], [1, 2, 3, 4], 11),
  row("Pad", "a value of int32 beyond float32", {
    inputs: [large([2, 3]), whole([1, 1, 0, 2]), tensor("int32", [], [2 ** 24 + 1])],
  }),
  row("Pad", "a value that arrives with the data", {
    inputs: [dyadic([2, 3]), whole([0, 1, 2, 1]), tensor("float32", [], [0.3])],
    fed: [0, 2],
  }),
  row("Pad", "true", {
    inputs: [bools([2, 2]), whole([1, 0, 0, 1]), tensor("bool", [], [1])],
  }),
  row("Pad", "seven axes", {
    inputs: [dyadic([2, 1, 2, 3, 1, 2, 2]), whole([0, 0, 0, 1, 0, 0, 1, ...Array(7).fill(0)])],
  }),
  row("CenterCropPad", "crops and pads", { inputs: [dyadic([7, 4, 5]), whole([4, 7, 5])], opset: 18 }),
  row("CenterCropPad", "two of three axes, the last first", {
    inputs: [dyadic([6, 3, 5]), whole([8, 3])],
    attributes: { axes: ints([-1, 0]) },
    opset: 18,
  }),
];

const many: Row[] = [
  row("Transpose", "seven axes, two runs", {
    inputs: [large([2, 3, 2, 1, 3, 2, 2])],
    attributes: { perm: ints([4, 5, 6, 0, 1, 2, 3]) },
  }),
  row("Transpose", "eight axes backwards", { inputs: [dyadic([2, 2, 3, 1, 2, 1, 2, 2])] }),
  row("Transpose", "bool", { inputs: [bools([2, 3])] }),
  row("Concat", "integers", {
    inputs: [large([2, 2]), large([2, 1])],
    attributes: { axis: int(-1) },
    fed: [0, 1],
  }),
  row("Slice", "seven axes backwards", {
    inputs: [dyadic([2, 3, 2, 2, 2, 3, 2]), whole([-1, 2]), whole([-9, 0]), whole([1, 5]), whole([-1, -2])],
  }),
  row("Slice", "to nothing", { inputs: [dyadic([2, 3]), whole([2]), whole([1]), whole([1])] }),
  row("Slice", "bool", { inputs: [bools([2, 4]), whole([1]), whole([3]), whole([1])] }),
];

export const copyingRows: readonly Row[] = [...repeated, ...splits, ...blocks, ...pads, ...many];
