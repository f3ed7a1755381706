// Rows of the operators that move elements: all exact.
import { tensor } from "../../../src/tensor/tensor.ts";
import { exact } from "../agreement.ts";
import { dyadic, float, int, ints, type Row, whole } from "../one_node.ts";

type Numbers = readonly number[];

const slice = (about: string, shape: Numbers, ...cuts: (Numbers | undefined)[]): Row => ({
  opType: "Slice",
  about,
  inputs: [dyadic(shape), ...cuts.map((cut) => cut && whole(cut))],
  within: exact,
});

const slices: Row[] = [
  slice("starts and ends", [5, 6], [1, 2], [4, 5]),
  slice("axes", [2, 7, 5], [1, 2], [4, 6], [2, 1]),
  slice("negative axes", [2, 7, 5], [1], [4], [-2]),
  slice("negative starts and ends", [2, 9], [-5], [-1], [1]),
  slice("steps", [2, 9, 5], [1, 0], [9, 5], [1, 2], [3, 2]),
  slice("backwards", [2, 9], [8], [-100], [1], [-1]),
  slice("backwards in steps from beyond the end", [2, 9], [100], [1], [1], [-3]),
  slice("to INT32_MAX", [3, 4, 5], [1], [2147483647], [0]),
  slice("channels of a picture", [1, 6, 3, 4], [1], [6], [1], [2]),
  slice("to the end, backwards over two axes", [4, 3, 2], [-1, -1], [-99, -99], [0, 2], [-1, -1]),
  {
    opType: "Slice",
    about: "to INT64_MAX",
    inputs: [dyadic([3, 4]), whole([1]), whole([2n ** 63n - 1n]), whole([1])],
    within: exact,
  },
  {
    opType: "Slice",
    about: "backwards to INT64_MIN",
    inputs: [dyadic([3, 4]), whole([-1]), whole([-(2n ** 63n)]), whole([1]), whole([-1])],
    within: exact,
  },
  {
    opType: "Slice",
    about: "opset 1",
    attributes: { starts: ints([1, 0]), ends: ints([3, 2]), axes: ints([2, 0]) },
    inputs: [dyadic([3, 2, 4])],
    opset: 7,
    within: exact,
  },
  {
    opType: "Slice",
    about: "opset 9 without axes",
    attributes: { starts: ints([1, -2]), ends: ints([3, 100]) },
    inputs: [dyadic([3, 5])],
    opset: 9,
    within: exact,
  },
];

const pad = (about: string, shape: Numbers, pads: Numbers, value?: number): Row => ({
  opType: "Pad",
  about,
  inputs: [dyadic(shape), whole(pads), value === undefined ? undefined : tensor("float32", [], [value])],
  within: exact,
});

const padded: Row[] = [
  pad("zeros", [2, 3], [1, 0, 0, 2]),
  pad("a value", [2, 3], [1, 2, 3, 4], 0.5),
  pad("a picture", [1, 3, 4, 5], [0, 0, 1, 2, 0, 0, 3, 0], -1),
  pad("channels of a picture", [1, 3, 2, 2], [0, 1, 0, 0, 0, 2, 0, 0], 0.25),
  pad("negative pads cut", [5, 6], [-1, -2, -2, 1]),
  {
    opType: "Pad",
    about: "opset 18 with axes",
    inputs: [dyadic([2, 3, 4]), whole([1, 0, 2, 3]), tensor("float32", [], [2]), whole([2, -3])],
    opset: 18,
    within: exact,
  },
  {
    opType: "Pad",
    about: "opset 2",
    attributes: { pads: ints([0, 1, 2, 0]), value: float(0.75), mode: { type: "string", value: "constant" } },
    inputs: [dyadic([2, 3])],
    opset: 10,
    within: exact,
  },
];

const concatenated: Row[] = [0, 1, 2, 3, -1, -3].map((axis): Row => {
  const shapes = [3, 1, 2].map((size) => [2, 3, 4, 5].map((dim, i) => i === (axis + 4) % 4 ? size : dim));
  return {
    opType: "Concat",
    about: `three along axis ${axis}`,
    attributes: { axis: int(axis) },
    inputs: shapes.map((shape, i) => dyadic(shape, i * 31)),
    fed: [0, 1, 2],
    within: exact,
  };
}).concat([
  { opType: "Concat", about: "one", attributes: { axis: int(0) }, inputs: [dyadic([3])], within: exact },
  {
    opType: "Concat",
    about: "a constant among them",
    attributes: { axis: int(1) },
    inputs: [dyadic([2, 3]), dyadic([2, 2], 9), dyadic([2, 1], 5)],
    fed: [0, 2],
    within: exact,
  },
  {
    opType: "Concat",
    about: "the same value twice",
    attributes: { axis: int(0) },
    inputs: [dyadic([2, 3]), dyadic([2, 3])],
    fed: [0, 1],
    opset: 4 + 4,
    within: exact,
  },
]);

const transposed: Row[] = [
  { opType: "Transpose", about: "reversed by default", inputs: [dyadic([2, 3, 4])], within: exact },
  ...[[0, 2, 3, 1], [0, 3, 1, 2], [3, 2, 1, 0], [1, 0, 2, 3]].map((perm): Row => ({
    opType: "Transpose",
    about: `perm ${perm}`,
    attributes: { perm: ints(perm) },
    inputs: [dyadic([2, 3, 4, 5])],
    within: exact,
  })),
  {
    opType: "Transpose",
    about: "six axes",
    attributes: { perm: ints([5, 0, 3, 1, 4, 2]) },
    inputs: [dyadic([2, 1, 3, 2, 4, 3])],
    within: exact,
  },
];

const reshape = (about: string, shape: Numbers, to: Numbers, more: Partial<Row> = {}): Row => ({
  opType: "Reshape",
  about,
  inputs: [dyadic(shape), whole(to)],
  within: exact,
  ...more,
});
const axes = (opType: string, about: string, shape: Numbers, list?: Numbers): Row[] => [
  { opType, about, inputs: [dyadic(shape), list && whole(list)], within: exact },
  {
    opType,
    about: `${about}, opset 11`,
    attributes: list ? { axes: ints(list.map((axis) => axis)) } : {},
    inputs: [dyadic(shape)],
    opset: 11,
    within: exact,
  },
];

const renamed: Row[] = [
  reshape("plain", [2, 6], [3, 4]),
  reshape("-1", [2, 3, 4], [4, -1]),
  reshape("0 copies", [2, 3, 4], [0, -1]),
  reshape("0 and -1 in the middle", [2, 3, 4], [0, -1, 2]),
  reshape("to a scalar", [1, 1], []),
  reshape("allowzero", [2, 3], [3, 2], { attributes: { allowzero: int(1) }, opset: 14 }),
  reshape("opset 5", [2, 6], [3, 4], { opset: 7 }),
  ...[0, 1, 2, 3, -1].map((axis): Row => ({
    opType: "Flatten",
    about: `axis ${axis}`,
    attributes: { axis: int(axis) },
    inputs: [dyadic([2, 3, 4])],
    within: exact,
  })),
  ...axes("Squeeze", "all ones", [1, 3, 1, 2]),
  ...axes("Squeeze", "axes", [1, 3, 1, 2], [2]),
  ...axes("Squeeze", "negative axes", [1, 3, 1, 2], [-2, 0]),
  ...axes("Unsqueeze", "axes out of order", [3, 2], [3, 0]),
  ...axes("Unsqueeze", "negative axes", [3, 2], [-1, 1]),
  { opType: "Identity", about: "plain", inputs: [dyadic([2, 3])], within: exact },
  { opType: "Dropout", about: "at inference", inputs: [dyadic([2, 3])], within: exact },
];

export const movingRows: readonly Row[] = [...slices, ...padded, ...concatenated, ...transposed, ...renamed];
