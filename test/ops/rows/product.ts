// Rows of matrix products, normalization, softmax, reductions and codes.
import type { Attribute } from "../../../src/graph/graph.ts";
import type { Shape } from "../../../src/tensor/shape.ts";
import { type Tensor, tensor } from "../../../src/tensor/tensor.ts";
import { absolute, type Bound, exact, oneCode, ulps } from "../agreement.ts";
import { dyadic, float, int, ints, type Row, valuesBetween, whole } from "../one_node.ts";

const gemm = (
  about: string,
  a: Shape,
  b: Shape,
  c?: Shape,
  attributes: Record<string, Attribute> = {},
): Row => ({
  opType: "Gemm",
  about,
  attributes,
  inputs: [dyadic(a), dyadic(b, 5), c && dyadic(c, 9)],
  within: exact,
});

const scaled = { alpha: float(0.5), beta: float(2) };
const products: Row[] = [
  gemm("plain", [3, 5], [5, 4], [4]),
  gemm("no bias", [3, 5], [5, 4]),
  gemm("alpha and beta", [3, 5], [5, 4], [4], scaled),
  gemm("alpha without bias", [3, 5], [5, 4], undefined, scaled),
  gemm("transA", [5, 3], [5, 4], [4], { transA: int(1) }),
  gemm("transB", [3, 5], [4, 5], [4], { transB: int(1) }),
  gemm("transA and transB, scaled", [5, 3], [4, 5], [3, 4], { transA: int(1), transB: int(1), ...scaled }),
  gemm("a bias a row", [3, 5], [5, 4], [3, 1]),
  gemm("a bias matrix", [3, 5], [5, 4], [3, 4]),
  gemm("a bias of [1, n]", [3, 5], [5, 4], [1, 4]),
  gemm("a bias of [1]", [3, 5], [5, 4], [1]),
  gemm("a scalar bias", [3, 5], [5, 4], []),
  gemm("larger than a tile", [67, 130], [130, 65], [65]),
  { ...gemm("opset 7", [3, 5], [5, 4], [4]), opset: 7 },
  { ...gemm("all from data", [3, 5], [5, 4], [4]), fed: [0, 1, 2] },
  ...([
    [[3, 4], [4, 5]],
    [[2, 3, 4], [2, 4, 5]],
    [[2, 3, 4], [4, 5]],
    [[3, 4], [2, 4, 5]],
    [[2, 3, 1, 4], [2, 3, 4, 2]],
    [[4], [4]],
    [[4], [4, 3]],
    [[3, 4], [4]],
    [[2, 3, 4], [4]],
    [[4], [2, 4, 3]],
    [[1, 3, 4], [2, 4, 5]],
  ] as [Shape, Shape][]).flatMap(([a, b]) =>
    [[0, 1], [0]].map((fed): Row => ({
      opType: "MatMul",
      about: `[${a}] by ${fed.length === 1 ? "constant " : ""}[${b}]`,
      inputs: [dyadic(a), dyadic(b, 5)],
      fed,
      within: exact,
    }))
  ),
];

const positive = (count: number) => valuesBetween([count], 0.5, 2, 3);
const normalized: Row[] = [[2, 3, 4, 5], [2, 3], [1, 8, 3, 3], [2, 3, 4]].map((shape): Row => ({
  opType: "BatchNormalization",
  about: `[${shape}]`,
  attributes: { epsilon: float(0.001) },
  inputs: [dyadic(shape), positive(shape[1]), dyadic([shape[1]]), dyadic([shape[1]], 4), positive(shape[1])],
  within: ulps(8, "a handful of roundings of numbers up to four", 4),
}));

const softmaxBound = absolute(2 ** -19, "exp within 3 + 2·|x| ulp, results below one");
const logSoftmaxBound = absolute(2 ** -17, "a logarithm of such a sum, results up to 16");
const softmaxed: Row[] = [["Softmax", softmaxBound], ["LogSoftmax", logSoftmaxBound]].flatMap((one) => {
  const [opType, within] = one as [string, Bound];
  const row = (about: string, shape: Shape, axis?: number, opset = 13): Row => ({
    opType,
    about,
    attributes: axis === undefined ? {} : { axis: int(axis) },
    inputs: [valuesBetween(shape, -4, 4)],
    opset,
    within,
  });
  return [
    row("the last axis by default", [2, 3, 5]),
    ...[0, 1, 2, -2].map((axis) => row(`axis ${axis}`, [4, 3, 5], axis)),
    row("channels of a picture", [1, 5, 3, 3], 1),
    row("opset 7, axis 1 of a matrix", [3, 5], undefined, 7),
    row("opset 11, the last axis", [2, 3, 5], 2, 11),
    row("opset 11, only ones after the axis", [2, 5, 1, 1], 1, 11),
    row("opset 11, axis -1", [2, 3, 5], -1, 11),
  ];
});

/** ReduceSum has had its axes as an input since 13, all others since 18. */
const reduction = (opType: string, within: Bound, opset: number, axes?: number[], keepdims = 1): Row => {
  const asInput = opset >= (opType === "ReduceSum" ? 13 : 18);
  const about = `axes ${axes ?? "unsaid"}${keepdims ? "" : ", keepdims 0"}, opset ${opset}`;
  return {
    opType,
    about,
    attributes: { keepdims: int(keepdims), ...(axes && !asInput ? { axes: ints(axes) } : {}) },
    inputs: [dyadic([2, 3, 4, 5]), ...(axes && asInput ? [whole(axes)] : [])],
    opset,
    within,
  };
};

const reductionBounds: Record<string, Bound> = {
  ReduceSum: exact,
  ReduceMean: ulps(2, "exact sums, then one division"),
  ReduceMax: exact,
  ReduceMin: exact,
  ReduceL1: exact,
  ReduceSumSquare: exact,
  ReduceL2: ulps(3, "exact sums, then a root within 2 ulp"),
  ReduceProd: ulps(64, "sixty roundings"),
};

const reduced: Row[] = Object.entries(reductionBounds).flatMap(([opType, within]) => [
  ...[11, 13, 18].flatMap((opset) => [
    reduction(opType, within, opset, [1]),
    reduction(opType, within, opset, [2, 3], 0),
    reduction(opType, within, opset, [-1]),
    reduction(opType, within, opset),
  ]),
  reduction(opType, within, 13, [0, 2]),
  reduction(opType, within, 13, [-1, 0, 1], 0),
]).concat([{
  opType: "ReduceSum",
  about: "noop_with_empty_axes",
  attributes: { noop_with_empty_axes: int(1) },
  inputs: [dyadic([2, 3])],
  within: exact,
}]);

/** Ties on purpose: scales are powers of two. */
const ties = tensor("float32", [2, 3, 4], Array.from({ length: 24 }, (_, i) => (i - 12) * 0.5));
const zero = (dtype: "int8" | "uint8", ...values: number[]): Tensor =>
  tensor(dtype, values.length === 1 ? [] : [values.length], values);
const scale = (...values: number[]) => tensor("float32", values.length === 1 ? [] : [values.length], values);

const quantized: Row[] = ([
  ["uint8, ties", ties, scale(1), zero("uint8", 7)],
  ["int8, ties", ties, scale(0.5), zero("int8", -3)],
  ["zero point absent", ties, scale(0.25)],
  ["saturating", valuesBetween([3, 5], -900, 900), scale(1), zero("int8", 0)],
  ["uint8 per axis", ties, scale(0.5, 0.25, 2), zero("uint8", 0, 128, 255), 1],
  ["int8 per last axis", ties, scale(0.5, 0.25, 2, 1), zero("int8", 0, -128, 127, 5), 2],
  ["int8 per negative axis", ties, scale(0.5, 2), zero("int8", 0, 9), -3],
] as [string, Tensor, Tensor, Tensor?, number?][]).map(([about, x, s, z, axis]): Row => ({
  opType: "QuantizeLinear",
  about,
  attributes: axis === undefined ? {} : { axis: int(axis) },
  inputs: [x, s, z],
  within: exact,
})).concat([{
  opType: "QuantizeLinear",
  about: "a scale that is no power of two",
  inputs: [valuesBetween([4, 9], -3, 3), scale(0.0271), zero("uint8", 113)],
  within: oneCode,
}, {
  opType: "QuantizeLinear",
  about: "opset 10",
  inputs: [ties, scale(1), zero("int8", 1)],
  opset: 10,
  within: exact,
}]);

const codes = (dtype: "int8" | "uint8" | "int32", shape: Shape, low: number): Tensor => {
  const count = shape.reduce((a, b) => a * b, 1);
  return tensor(dtype, shape, Array.from({ length: count }, (_, i) => low + (i * 37) % 256));
};

const dequantized: Row[] = ([
  ["uint8", codes("uint8", [5, 7], 0), scale(0.3), zero("uint8", 100)],
  ["int8", codes("int8", [5, 7], -128), scale(0.3), zero("int8", -5)],
  ["zero point absent", codes("int8", [5, 7], -128), scale(0.3)],
  ["int32", codes("int32", [5], 1e6), scale(0.001)],
  ["int8 per axis", codes("int8", [4, 3, 2], -128), scale(0.1, 0.2, 0.3), zero("int8", 1, 2, 3), 1],
  [
    "uint8 per axis 0",
    codes("uint8", [4, 3], 0),
    scale(0.1, 0.2, 0.3, 0.4),
    zero("uint8", 0, 1, 128, 255),
    0,
  ],
  ["int32 per axis", codes("int32", [3], -1e6), scale(0.1, 0.2, 0.3), undefined, 0],
] as [string, Tensor, Tensor, Tensor?, number?][]).flatMap(([about, x, s, z, axis]) =>
  [[0], []].map((fed): Row => ({
    opType: "DequantizeLinear",
    about: fed.length ? about : `${about}, folded`,
    attributes: axis === undefined ? {} : { axis: int(axis) },
    inputs: [x, s, z],
    fed,
    within: exact,
  }))
);

export const productRows: readonly Row[] = [
  ...products,
  ...normalized,
  ...softmaxed,
  ...reduced,
  ...quantized,
  ...dequantized,
];
