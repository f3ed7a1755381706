// Rows of the operators that reduce many elements: reductions, ArgMax, TopK, losses.
import type { Attribute } from "../../../src/graph/graph.ts";
import { type Tensor, tensor } from "../../../src/tensor/tensor.ts";
import { absolute, exact, ulps } from "../agreement.ts";
import { dyadic, int, ints, type Row, text, valuesBetween, whole } from "../one_node.ts";

type Attributes = Record<string, Attribute>;
type More = Partial<Row>;

const few = ulps(8, "a dozen roundings of positive numbers, exp and log of the device");

const logs = absolute(
  1e-6,
  "a logarithm, of at most ten, of a sum that is off by a few units in the last place",
);

const row = (
  opType: string,
  about: string,
  x: Tensor,
  attributes: Attributes = {},
  more: More = {},
): Row => ({
  opType,
  about,
  attributes,
  inputs: [x],
  within: exact,
  opset: 18,
  ...more,
});

/** Axes as an input, as since opset 18. */
const along = (opType: string, about: string, x: Tensor, axes: readonly number[], more: More = {}): Row =>
  row(opType, about, x, {}, { inputs: [x, whole(axes)], ...more });

const floats = ["Sum", "Mean", "Max", "Min", "L1", "L2", "SumSquare", "LogSum", "LogSumExp"];
const cube = [3, 4, 5, 2];
const signed = tensor("int32", [2, 3, 4], Array.from({ length: 24 }, (_, i) => (i * 53) % 17 - 8));

const reductions: Row[] = floats.flatMap((name) => {
  const opType = `Reduce${name}`;
  const x = valuesBetween(cube, 0.25, 2);
  const within = /Max|Min/.test(name) ? exact : /Log/.test(name) ? logs : few;
  return [
    along(opType, "the last axis", x, [-1], { within }),
    along(opType, "two neighbours", x, [1, 2], { within }),
    along(opType, "the first and the last", x, [3, 0], { within, attributes: { keepdims: int(0) } }),
    along(opType, "long rows", valuesBetween([2, 300], 0.25, 2), [1], { within: ulps(64, "300 roundings") }),
    row(opType, "all axes", x, { keepdims: int(0) }, { within: ulps(64, "120 roundings") }),
    row(opType, "no axes: nothing is reduced", x, { noop_with_empty_axes: int(1) }, { within }),
    row(opType, "a scalar", valuesBetween([], 0.25, 2), {}, { within }),
    row(opType, "opset 7, axes as attribute", x, { axes: ints([1, 3]) }, { within, opset: 7 }),
  ];
});

const products: Row[] = [
  along("ReduceProd", "the last axis", valuesBetween(cube, 0.5, 1.5), [-1], { within: few }),
  along("ReduceProd", "opset 13", valuesBetween(cube, 0.5, 1.5), [-1], {
    inputs: [valuesBetween(cube, 0.5, 1.5)],
    attributes: { axes: ints([0, 1]) },
    within: few,
    opset: 13,
  }),
];

const integers: Row[] = ["Sum", "Mean", "Max", "Min", "Prod", "L1", "SumSquare"].map((name) =>
  along(`Reduce${name}`, "int32", signed, [1])
);
const narrow = (dtype: "int8" | "uint8") => tensor(dtype, [2, 4], [1, 2, 100, 4, 9, 8, 7, 127]);

const places: Row[] = ["ArgMax", "ArgMin"].flatMap((opType) => [
  row(opType, "of equals the first", equals([3, 4, 5]), { axis: int(1) }),
  row(opType, "of equals the last", equals([3, 4, 5]), { axis: int(1), select_last_index: int(1) }),
  row(opType, "without the axis", dyadic([3, 4, 5]), { axis: int(-1), keepdims: int(0) }),
  row(opType, "int32", signed, { axis: int(0) }),
  row(opType, "opset 7", dyadic([3, 4, 5]), { axis: int(2) }, { opset: 7 }),
]);

function equals(shape: number[]): Tensor {
  const count = shape.reduce((a, b) => a * b, 1);
  return tensor("float32", shape, Array.from({ length: count }, (_, i) => (i * 53) % 4));
}

const greatest = (about: string, x: Tensor, k: number, attributes: Attributes = {}, opset = 11): Row =>
  row("TopK", about, x, attributes, { inputs: [x, whole([k])], outputs: 2, opset });

const topK: Row[] = [
  greatest("the last axis", dyadic([3, 40]), 5),
  greatest("of equals the first", equals([3, 40]), 7),
  greatest("the least", equals([3, 40]), 7, { largest: int(0) }),
  greatest("axis 1", dyadic([2, 30, 3]), 4, { axis: int(1) }),
  greatest("all of them", dyadic([50]), 50, { axis: int(0) }),
  greatest("none", dyadic([2, 5]), 0),
  greatest("opset 10", dyadic([3, 40]), 5, {}, 10),
  greatest("int64", whole([3, -5, 9, 9, 0]), 3),
  row("TopK", "opset 7, k as attribute", dyadic([3, 40]), { k: int(5) }, { outputs: 2, opset: 7 }),
];

const scores = valuesBetween([3, 5, 2, 2], -3, 3);
const classes = whole(Array.from({ length: 12 }, (_, i) => (i * 3 + 1) % 5), [3, 2, 2]);
const weights = valuesBetween([5], 0.2, 2);
const near = absolute(1e-5, "sums of a dozen numbers of about 1, exp and log of the device");

const losses: Row[] = ["NegativeLogLikelihoodLoss", "SoftmaxCrossEntropyLoss"].flatMap((opType) =>
  ["none", "sum", "mean"].flatMap((reduction) => [
    row(opType, reduction, scores, { reduction: text(reduction) }, {
      inputs: [scores, classes],
      fed: [0, 1],
      within: near,
    }),
    row(opType, `${reduction}, weights, an ignored class`, scores, {
      reduction: text(reduction),
      ignore_index: int(3),
    }, { inputs: [scores, classes, weights], fed: [0, 1], within: near }),
  ])
);

const others: Row[] = [
  row("SoftmaxCrossEntropyLoss", "with the logarithms", scores, {}, {
    inputs: [scores, classes],
    fed: [0, 1],
    outputs: 2,
    within: near,
  }),
  along("ReduceMax", "bool", tensor("bool", [2, 3], [0, 1, 0, 0, 0, 0]), [1], { opset: 20 }),
  along("ReduceMin", "bool", tensor("bool", [2, 3], [0, 1, 0, 1, 1, 1]), [1], { opset: 20 }),
  along("ReduceMax", "int8", narrow("int8"), [0]),
  along("ReduceMin", "uint8", narrow("uint8"), [1]),
  along("ReduceMax", "nothing", dyadic([2, 0, 3]), [1], { opset: 20 }),
  along("ReduceSum", "nothing", dyadic([2, 0, 3]), [1]),
  along("ReduceProd", "nothing", dyadic([2, 0, 3]), [1]),
  along("ReduceSum", "int64 of constants", whole([2n ** 40n, 1n, -5n]), [0], { fed: [] }),
  along("ReduceSum", "every other of eight axes", dyadic([2, 3, 2, 2, 3, 2, 2, 2]), [0, 2, 4, 6]),
  row("Det", "one matrix", valuesBetween([4, 4], -1, 1), {}, { within: near }),
  row("Det", "several", valuesBetween([2, 3, 3, 3], -1, 1), {}, { within: near }),
];

export const reductionRows: readonly Row[] = [
  ...reductions,
  ...products,
  ...integers,
  ...places,
  ...topK,
  ...losses,
  ...others,
];
