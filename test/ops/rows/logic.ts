// Rows of comparisons, logic, Where and casts: all exact.
import type { Attribute } from "../../../src/graph/graph.ts";
import { type DType, dtypes } from "../../../src/tensor/dtype.ts";
import type { Shape } from "../../../src/tensor/shape.ts";
import { elementCount } from "../../../src/tensor/shape.ts";
import { fromNumbers, numbers, type Tensor, tensor } from "../../../src/tensor/tensor.ts";
import { exact } from "../agreement.ts";
import { dyadic, int, type Row } from "../one_node.ts";
import { wholes } from "./integer.ts";

const shape = [2, 3, 5, 7];

const row = (
  opType: string,
  about: string,
  inputs: readonly Tensor[],
  attributes: Record<string, Attribute> = {},
  opset = 16,
): Row => ({ opType, about, inputs, attributes, fed: inputs.map((_, i) => i), opset, within: exact });

function truths(shape: Shape, seed = 1): Tensor {
  const values = Array.from({ length: elementCount(shape) }, (_, i) => ((i + seed) * 7919 >> 3) % 2);
  return tensor("bool", shape, values);
}

/** Few values, so that some are equal. */
function few(dtype: DType, shape: Shape, seed = 1): Tensor {
  if (dtype === "bool") return truths(shape, seed);
  if (dtype === "float32") {
    return fromNumbers(dtype, shape, numbers(wholes("int32", shape, -1, 1, seed)).map((v) => v / 2));
  }
  return wholes(dtype, shape, 1, 3, seed);
}

const compared = ["Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual"];
const comparisons: Row[] = compared.flatMap((opType) =>
  (["float32", "int32", "int64"] as const).flatMap((dtype) => [
    row(opType, dtype, [few(dtype, shape), few(dtype, shape, 2)]),
    row(opType, `${dtype}, both sides stretch`, [few(dtype, [3, 1, 7]), few(dtype, [2, 1, 5, 1], 2)]),
    { ...row(opType, `${dtype}, a scalar constant`, [few(dtype, shape), few(dtype, [], 2)]), fed: [0] },
  ])
);

const infinite = tensor("float32", [6], [NaN, Infinity, -Infinity, 0, -1, 3e38]);
const logic: Row[] = [
  row("Equal", "booleans", [truths(shape), truths([5, 1], 2)]),
  row("Equal", "NaN and infinities", [infinite, infinite]),
  row("Less", "opset 7", [few("float32", shape), few("float32", [7], 2)], {}, 7),
  ...["And", "Or", "Xor"].flatMap((opType) => [
    row(opType, "equal shapes", [truths(shape), truths(shape, 3)]),
    row(opType, "both sides stretch", [truths([3, 1, 7]), truths([2, 1, 5, 1], 2)]),
  ]),
  row("Not", "booleans", [truths(shape)]),
  row("IsNaN", "all kinds", [infinite]),
  row("IsInf", "both signs", [infinite]),
  row("IsInf", "positive", [infinite], { detect_negative: int(0) }),
  row("IsInf", "negative", [infinite], { detect_positive: int(0) }),
];

const choices: Row[] = (["float32", "int32", "int64", "uint8"] as const).flatMap((dtype) => [
  row("Where", `${dtype}, equal shapes`, [truths(shape), few(dtype, shape), few(dtype, shape, 2)]),
  row("Where", `${dtype}, all stretch`, [truths([5, 1]), few(dtype, [3, 1, 7]), few(dtype, [2, 1, 1, 1], 2)]),
  row("Where", `${dtype}, scalars`, [truths(shape), few(dtype, []), few(dtype, [], 2)]),
]);

const fractions = tensor("float32", [12], [
  -2.5,
  -1.5,
  -0.9,
  -0,
  0,
  0.5,
  0.99,
  1.5,
  2.5,
  100.7,
  127.4,
  -128.9,
]);
const numeric: readonly DType[] = [
  "float32",
  "int32",
  "int64",
  "uint8",
  "int8",
  "bool",
  "uint32",
  "int16",
  "uint16",
];
const code = (dtype: DType) => ({ to: int(dtypes.indexOf(dtype)) });
const casts: Row[] = [
  ...numeric.map((to) => row("Cast", `fractions to ${to}`, [fractions], code(to))),
  ...numeric.filter((from) => from !== "float32").flatMap((from) =>
    numeric.map((to) => row("Cast", `${from} to ${to}`, [few(from, [4, 9])], code(to)))
  ),
  ...(["uint8", "int8", "uint16"] as const).flatMap((to) => [
    row("Cast", `wide int32 to ${to}`, [wholes("int32", shape, -70000, 70000)], code(to)),
  ]),
  row("CastLike", "to integers", [fractions, tensor("int32", [1], [0])]),
  row("CastLike", "to floats", [few("int64", shape), tensor("float32", [], [0])]),
];

const dropouts: Row[] = [
  row("Dropout", "the mask as well", [dyadic(shape)]),
  row("Dropout", "a ratio that arrives", [dyadic(shape), tensor("float32", [], [0.25])]),
].map((one) => ({ ...one, outputs: 2 }));

export const logicRows: readonly Row[] = [...comparisons, ...logic, ...choices, ...casts, ...dropouts];
