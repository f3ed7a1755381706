// Rows of softmax and the normalizations.
import type { Attribute } from "../../../src/graph/graph.ts";
import type { Tensor } from "../../../src/tensor/tensor.ts";
import { absolute, exact } from "../agreement.ts";
import { dyadic, float, int, ints, type Row, valuesBetween } from "../one_node.ts";

type Attributes = Record<string, Attribute>;

const near = absolute(1e-5, "sums of dozens of numbers of about 1, roots and exp of the device");

const row = (
  opType: string,
  about: string,
  inputs: Row["inputs"],
  attributes: Attributes = {},
  more: Partial<Row> = {},
): Row => ({ opType, about, attributes, inputs, within: near, opset: 17, ...more });

const wide = (shape: readonly number[]) => valuesBetween(shape, -20, 20);
const cube = wide([2, 3, 4, 5]);

const softmaxes: Row[] = ["Softmax", "LogSoftmax", "Hardmax"].flatMap((opType) =>
  [
    row(opType, "the last axis", [cube]),
    row(opType, "long rows", [wide([7, 300])]),
    row(opType, "axis 1", [cube], { axis: int(1) }),
    row(opType, "axis 0", [cube], { axis: int(0) }),
    row(opType, "a row of equals", [valuesBetween([2, 70], 3, 3)]),
    ...[0, 1, 2, 3].map((axis) =>
      row(opType, `opset 7, from axis ${axis} on`, [cube], { axis: int(axis) }, { opset: 7 })
    ),
    row(opType, "opset 11, from axis −3 on", [cube], { axis: int(-3) }, { opset: 11 }),
    row(opType, "opset 11, the default", [cube], {}, { opset: 11 }),
  ].map((one) => opType === "Hardmax" ? { ...one, within: exact } : one)
);

const weight = (shape: readonly number[], seed = 1) => valuesBetween(shape, 0.5, 2, seed);
const bias = (shape: readonly number[]) => dyadic(shape, 5);
const picture = valuesBetween([2, 6, 5, 4], -2, 3);

const layers: Row[] = [
  row("LayerNormalization", "the last axis", [cube, weight([5]), bias([5])]),
  row("LayerNormalization", "no bias", [cube, weight([5])]),
  row("LayerNormalization", "mean and inverse deviation", [cube, weight([4, 5]), bias([4, 5])], {
    axis: int(2),
  }, {
    outputs: 3,
  }),
  row("LayerNormalization", "all axes", [cube, weight([2, 3, 4, 5]), bias([2, 3, 4, 5])], { axis: int(0) }),
  row("LayerNormalization", "weights that broadcast", [cube, weight([3, 1, 5]), bias([2, 1, 1, 5])]),
  row("LayerNormalization", "weights that arrive", [cube, weight([5]), bias([5])], {}, { fed: [0, 1, 2] }),
  row(
    "LayerNormalization",
    "long rows, far from zero",
    [valuesBetween([3, 500], 99, 101), weight([500])],
    {},
    {
      within: absolute(1e-4, "the mean of 100 is off by 2^-18 against a deviation of 0.6"),
    },
  ),
  row("RMSNormalization", "the last axis", [cube, weight([5])], {}, { opset: 23 }),
  row("RMSNormalization", "two axes", [cube, weight([4, 5])], { axis: int(2), epsilon: float(0.1) }, {
    opset: 23,
  }),
];

const images: Row[] = [
  row("InstanceNormalization", "two axes", [picture, weight([6]), bias([6])]),
  row("InstanceNormalization", "one axis", [valuesBetween([2, 3, 9], -2, 3), weight([3]), bias([3])]),
  row("InstanceNormalization", "opset 7", [picture, weight([6]), bias([6])], { epsilon: float(0.1) }, {
    opset: 7,
  }),
  row("GroupNormalization", "by group", [picture, weight([3]), bias([3])], { num_groups: int(3) }, {
    opset: 18,
  }),
  row("GroupNormalization", "by channel", [picture, weight([6]), bias([6])], { num_groups: int(2) }, {
    opset: 21,
  }),
  row("LRN", "three channels", [picture], { size: int(3) }),
  row("LRN", "five channels", [picture], {
    size: int(5),
    alpha: float(0.5),
    bias: float(2),
    beta: float(0.6),
  }),
  row("LRN", "more channels than there are", [valuesBetween([1, 3, 2, 2], -2, 3)], { size: int(9) }, {
    opset: 7,
  }),
  row("MeanVarianceNormalization", "by channel", [picture]),
  row("MeanVarianceNormalization", "all axes", [picture], { axes: ints([0, 1, 2, 3]) }, { opset: 9 }),
  row("LpNormalization", "the last axis", [picture]),
  row("LpNormalization", "sums of sizes along axis 1", [picture], { axis: int(1), p: int(1) }),
  row("LpNormalization", "zeros", [valuesBetween([2, 3], 0, 0)]),
];

const batchInputs = (
  x: Tensor,
  shape: readonly number[],
) => [x, weight(shape), bias(shape), dyadic(shape, 9), weight(shape, 3)];

const batches: Row[] = [
  row("BatchNormalization", "rank 2", batchInputs(valuesBetween([4, 6], -2, 3), [6])),
  row("BatchNormalization", "rank 3", batchInputs(valuesBetween([4, 6, 3], -2, 3), [6])),
  row("BatchNormalization", "rank 5", batchInputs(valuesBetween([2, 3, 2, 2, 2], -2, 3), [3])),
  row("BatchNormalization", "opset 7", batchInputs(picture, [6]), {}, { opset: 7 }),
  row("BatchNormalization", "opset 7, statistics by element", batchInputs(picture, [6, 5, 4]), {
    spatial: int(0),
  }, { opset: 7 }),
  row("BatchNormalization", "training", batchInputs(picture, [6]), { training_mode: int(1) }, { outputs: 3 }),
];

export const normalizationRows: readonly Row[] = [...softmaxes, ...layers, ...images, ...batches];
