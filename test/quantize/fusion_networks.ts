// Networks for ONNX Runtime's fusions of Q/DQ: an operator between two convolutions or products, quantized on both
// sides.
import {
  floatAttribute as float,
  intAttribute as int,
  intsAttribute as ints,
  textAttribute as text,
} from "../../src/graph/attribute.ts";
import type { Attribute, Graph, Node } from "../../src/graph/graph.ts";
import { type Tensor, tensor } from "../../src/tensor/tensor.ts";
import { fill, network, node } from "../passes/network.ts";

type Constants = Record<string, Tensor>;

const pads = { pads: ints([1, 1, 1, 1]) };
const weights = {
  w: fill([4, 3, 3, 3], 1, -0.4, 0.4),
  u: fill([4, 3, 3, 3], 5, -0.3, 0.4),
  b: fill([4], 3),
  v: fill([4, 4, 3, 3], 9, -0.2, 0.3),
  e: fill([4], 6),
};

/** Of c to o, between a convolution and the next; d is a second convolution's. */
function between(nodes: readonly Node[], constants: Constants = {}, opset = 13): Graph {
  const both = nodes.some(({ inputs }) => inputs.includes("d")) ? [node("Conv x u b > d", pads)] : [];
  const all = [node("Conv x w b > c", pads), ...both, ...nodes, node("Conv o v e > y")];
  return network(all, { x: [2, 3, 9, 9] }, { ...weights, ...constants }, ["y"], opset);
}

const one = (
  line: string,
  attributes: Record<string, Attribute> = {},
  constants: Constants = {},
  opset = 13,
) => between([node(line, attributes)], constants, opset);

const window = { kernel_shape: ints([3, 3]), strides: ints([2, 2]) };
const uneven = { pads: ints([1, 0, 0, 0]) };

const pools: Record<string, Graph> = {
  "AveragePool with uneven pads": one("AveragePool c > o", { ...window, ...uneven }),
  "AveragePool that counts pads": one("AveragePool c > o", { ...window, ...pads, count_include_pad: int(1) }),
  "AveragePool with ceil_mode": one("AveragePool c > o", { ...window, ...uneven, ceil_mode: int(1) }),
  "AveragePool with ceil_mode that counts pads": one("AveragePool c > o", {
    ...window,
    ...uneven,
    ceil_mode: int(1),
    count_include_pad: int(1),
  }),
  "AveragePool with dilations": one(
    "AveragePool c > o",
    {
      kernel_shape: ints([2, 2]),
      dilations: ints([2, 2]),
    },
    {},
    19,
  ),
  "AveragePool of padded rows": one("AveragePool c > o", { ...window, auto_pad: text("SAME_LOWER") }),
  "MaxPool with ceil_mode": one("MaxPool c > o", { ...window, ...uneven, ceil_mode: int(1) }),
  "GlobalAveragePool": one("GlobalAveragePool c > o", {}, { v: fill([4, 4, 1, 1], 9, -0.2, 0.3) }),
};

const functions = Object.fromEntries(
  ["Sigmoid", "HardSwish", "LeakyRelu", "Tanh", "Elu", "Relu"].map((type) => [
    type,
    one(`${type} c > o`, {}, {}, 14),
  ]),
);

/** Softmax of codes so fine that ONNX Runtime's own form on codes makes zeros of them. */
const softmaxes = Object.fromEntries([0.1, 1, 5].map((reach) => [
  `Softmax of ${reach}`,
  one("Softmax c > o", { axis: int(1) }, { w: fill([4, 3, 3, 3], 1, -reach, reach) }),
]));

const joins = Object.fromEntries(
  ["Add", "Mul", "Sub", "Max", "Sum", "Mean"].map((type) => [`${type} of two`, one(`${type} c d > o`)]),
);

const bounds = (low: number, high: number) => ({
  low: tensor("float32", [], [low]),
  high: tensor("float32", [], [high]),
});
const clamps = Object.fromEntries(
  [[0, 6], [0, 0.5], [-1, 1], [0.2, 0.9], [-3, 0]].map(([low, high]) => [
    `Clip to ${low}..${high}`,
    one("Clip c low high > o", {}, bounds(low, high)),
  ]),
);

const moves: Record<string, Graph> = {
  Where: between([node("Greater c d > q"), node("Where q c d > o")]),
  Concat: one("Concat c c > o", { axis: int(2) }),
  Split: between([
    node("Split c n > s t", { axis: int(1) }),
    node("Concat t s > o", { axis: int(1) }),
  ], { n: tensor("int64", [2], [1, 3]) }),
  Transpose: one("Transpose c > o", { perm: ints([0, 1, 3, 2]) }),
  Reshape: one("Reshape c n > o", {}, { n: tensor("int64", [4], [2, 4, 27, 3]) }),
  "Pad with zeros": one("Pad c n > o", {}, { n: tensor("int64", [8], [0, 0, 1, 1, 0, 0, 2, 0]) }),
  "Pad with −3": one("Pad c n f > o", {}, {
    n: tensor("int64", [8], [0, 0, 1, 1, 0, 0, 2, 0]),
    f: tensor("float32", [], [-3]),
  }),
  "Resize to the nearest": one("Resize c _ n > o", {}, { n: tensor("float32", [4], [1, 1, 2, 1.5]) }),
  "Resize between": one("Resize c _ n > o", { mode: text("linear") }, {
    n: tensor("float32", [4], [1, 1, 2, 1.5]),
  }),
  "Resize of a region": one("Resize c r _ n > o", {
    coordinate_transformation_mode: text("tf_crop_and_resize"),
    extrapolation_value: float(-4),
  }, {
    r: tensor("float32", [8], [0, 0, -0.2, 0, 1, 1, 1.2, 1.1]),
    n: tensor("int64", [4], [2, 4, 12, 12]),
  }),
  "a triangle": one("Trilu c > o", {}, {}, 14),
};

const matrices = (nodes: readonly Node[], constants: Constants, shape = [6, 7]) =>
  network(nodes, { x: shape }, constants, ["y"]);
const gemms = (attributes: Record<string, Attribute>, columns = 6, first: Constants = {}) =>
  matrices([node("Gemm x w b > a", attributes), node("Relu a > r"), node("Gemm r v e > y")], {
    w: fill([7, columns], 3),
    b: fill([columns], 1),
    v: fill([columns, 5], 5),
    e: fill([5], 2),
    ...first,
  });
const products = (w: Tensor, v: Tensor, shape?: number[]) =>
  matrices([node("MatMul x w > a"), node("Relu a > r"), node("MatMul r v > y")], { w, v }, shape);

const layers: Record<string, Graph> = {
  "Gemm": gemms({}),
  "Gemm with factors": gemms({ alpha: float(0.5), beta: float(2) }),
  "Gemm of a transposed matrix": gemms({ transB: int(1) }, 6, { w: fill([6, 7], 3) }),
  "Gemm of one column": gemms({}, 1),
  "Gemm whose bias is one number": gemms({}, 6, { b: fill([1], 5) }),
  "Gemm of tiny weights and a large bias": gemms({}, 6, {
    w: fill([7, 6], 3, -1e-9, 1e-9),
    b: fill([6], 1, 2, 9),
  }),
  "Gemm of tiny weights, a large bias and factors": gemms({ beta: float(3) }, 6, {
    w: fill([7, 6], 3, -1e-9, 1e-9),
    b: fill([6], 1, 2, 9),
  }),
  "MatMul of three columns": products(fill([7, 3], 3), fill([3, 5], 5)),
  "MatMul by a vector": products(fill([7, 6], 3), fill([6], 5)),
  "MatMul by a stack of matrices": products(fill([3, 7, 6], 3), fill([1, 6, 5], 5), [2, 3, 4, 7]),
  "MatMul by a stack, broadcast": products(fill([3, 7, 6], 3), fill([6, 5], 5), [4, 7]),
  "MatMul of a constant by data": matrices(
    [node("MatMul k x > a"), node("Relu a > r"), node("MatMul r v > y")],
    { k: fill([4, 6], 3), v: fill([7, 5], 5) },
  ),
  "ConvTranspose in groups, tiny weights, a large bias": between([
    node("ConvTranspose c t e > o", { group: int(2) }),
  ], { t: fill([4, 2, 3, 3], 2, -1e-8, 1e-8), e: fill([4], 3, -5, 5) }),
};

const two = { w: fill([6, 6], 3), b: fill([6], 1) };
const shared: Record<string, Graph> = {
  "one layer twice": matrices([node("Gemm x w b > a"), node("Relu a > r"), node("Gemm r w b > y")], two, [
    6,
    6,
  ]),
  "one layer on two inputs": network(
    [
      node("Gemm x w b > a"),
      node("Gemm z w b > c"),
      node("Concat a c > j", { axis: int(1) }),
      node("Gemm j v > y"),
    ],
    { x: [6, 6], z: [6, 6] },
    { ...two, v: fill([12, 5], 5) },
    ["y"],
  ),
  "a weight and its transpose": matrices(
    [node("Gemm x w > a"), node("Relu a > r"), node("Gemm r w b > y", { transB: int(1) })],
    two,
    [6, 6],
  ),
  "a weight that is an operand too": matrices(
    [node("Gemm x w b > a"), node("Mul a w > m"), node("Add m b > s"), node("Gemm s w b > y")],
    two,
    [6, 6],
  ),
  "everything is an output too": {
    ...matrices([node("Gemm x w b > a"), node("Relu a > r"), node("Gemm r w b > y")], two, [6, 6]),
    outputs: ["y", "a", "r"],
  },
};

/** Floats that are moved before they are rounded, and outputs of the model on the way. */
const turn = { perm: ints([0, 1, 3, 2]) };
const moving = (outputs: readonly string[]) =>
  network(
    [node("Exp x > a"), node("Transpose a > t", turn), node("Reshape t n > o"), node("Conv o v e > y")],
    { x: [2, 4, 6, 9] },
    { v: weights.v, e: weights.e, n: tensor("int64", [4], [2, 4, 6, 9]) },
    ["y", ...outputs],
  );
const moved: Record<string, Graph> = {
  "a result before it is moved is an output too": moving(["a"]),
  "a result on its way is an output too": moving(["t"]),
  "a moved result is an output too": moving(["o"]),
  "all on the way are outputs too": moving(["a", "t", "o"]),
};

export const fusionNetworks: Record<string, Graph> = {
  ...pools,
  ...functions,
  ...softmaxes,
  ...joins,
  ...clamps,
  ...moves,
  ...layers,
  ...shared,
  ...moved,
};
