// Q/DQ networks for one special case each, with the bound if halftone or ONNX Runtime computes in float.
import { tensor } from "../../src/tensor/tensor.ts";
import {
  begin,
  biases,
  type Coded,
  codedNetwork,
  convolved,
  end,
  inFloat,
  pads,
  reals,
  reread,
  scalar,
  unsignedWeights,
} from "./coded_lines.ts";
import { codedMoving } from "./coded_moving.ts";
import { float, int, ints, text } from "./one_node.ts";

const matrices = [...begin, "DequantizeLinear m v o > f"] as const;
const rows = { x: reals([4, 7]) };
const six = { lo: scalar(0), hi: scalar(6), fit: scalar(6 / 255), wide: scalar(0.05) };
const sevenScales = {
  vs: tensor("float32", [7], [1, 2, 3, 4, 5, 6, 7].map((i) => i / 1000)),
  os: tensor("int8", [7], [0, 0, 0, 0, 0, 0, 0]),
};

const clamps: Readonly<Record<string, Coded>> = {
  "an Add whose Relu cuts codes off: a table of ONNX Runtime's float arithmetic": codedNetwork([
    ...begin,
    "Add a a > b",
    "Relu b > r",
    "QuantizeLinear r t z > y",
  ]),
  "a Mul whose Clip cuts codes off: a table of ONNX Runtime's float arithmetic": codedNetwork(
    [...begin, "Mul a a > b", "Clip b lo hi > r", "QuantizeLinear r t z > y"],
    { constants: { lo: scalar(0.1), hi: scalar(0.9) } },
  ),
  "a convolution whose Relu cuts codes off: ONNX Runtime sums floats": codedNetwork(
    [...convolved, "Relu c > r", "QuantizeLinear r u z > y"],
    { within: inFloat },
  ),
  "a convolution whose Clip cuts codes off: ONNX Runtime sums floats": codedNetwork(
    [...convolved, "Clip c lo hi > r", "QuantizeLinear r wide l > y"],
    { constants: six, within: inFloat },
  ),
  "a convolution whose Clip lies beyond its codes": codedNetwork(
    [...convolved, "Clip c lo hi > r", "QuantizeLinear r fit l > y"],
    { constants: six },
  ),
  "a convolution whose Clip lets no code through": codedNetwork(
    [...convolved, "Clip c lo hi > r", "QuantizeLinear r u l > y"],
    { constants: { lo: scalar(-5), hi: scalar(-1) } },
  ),
};

const codings: Readonly<Record<string, Coded>> = {
  "a convolution without zero points": codedNetwork([
    "QuantizeLinear x s > q",
    "DequantizeLinear q s > a",
    "DequantizeLinear w v > f",
    ["Conv a f > c", pads],
    "QuantizeLinear c u > y",
  ]),
  "scales that Constant nodes make, one of them after the convolution": codedNetwork([
    ["Constant > cs", { value: { type: "tensor", value: scalar(1 / 128) } }],
    "QuantizeLinear x cs z > q",
    "DequantizeLinear q cs z > a",
    "DequantizeLinear w v o > f",
    ["Conv a f > c", pads],
    ["Constant > cu", { value: { type: "tensor", value: scalar(0.0371) } }],
    "QuantizeLinear c cu z > y",
  ]),
  "a bias whose unit is not that of the sums stays float": codedNetwork(
    [...begin, "DequantizeLinear w v o > f", "DequantizeLinear b t > e", ["Conv a f e > c", pads], end],
    { constants: { b: biases(9, -40, 33, 70, -5) }, within: inFloat },
  ),
  "a bias in float stays float": codedNetwork(
    [...begin, "DequantizeLinear w v o > f", ["Conv a f e > c", pads], end],
    { constants: { e: reals([5]) }, within: inFloat },
  ),
  "codes of 16 bits stay float": codedNetwork(
    [
      "QuantizeLinear x s zz > q",
      "DequantizeLinear q s zz > a",
      "DequantizeLinear w v o > f",
      ["Conv a f > c", pads],
      "QuantizeLinear c fine zz > y",
    ],
    { constants: { zz: scalar(32768, "uint16"), fine: scalar(0.002) }, within: inFloat, opset: 21 },
  ),
  "activations with a scale per channel stay float": codedNetwork(
    [
      ["QuantizeLinear x each zs > q", { axis: int(1) }],
      ["DequantizeLinear q each zs > a", { axis: int(1) }],
      "DequantizeLinear w v o > f",
      ["Conv a f > c", pads],
      end,
    ],
    {
      constants: {
        each: tensor("float32", [3], [0.008, 0.01, 0.012]),
        zs: tensor("uint8", [3], [120, 128, 140]),
      },
      within: inFloat,
      asWritten: "its QLinearConv refuses them while it runs",
    },
  ),
  "weights with a scale per row of a square matrix stay float": codedNetwork(
    [...begin, ["DequantizeLinear m vs os > f", { axis: int(0) }], "MatMul a f > c", end],
    {
      constants: sevenScales,
      within: inFloat,
      ...rows,
      asWritten: "its QLinearMatMul takes them for scales of columns",
    },
  ),
  "weights with a scale per column, the axis counted from the end": codedNetwork(
    [...begin, ["DequantizeLinear m vs os > f", { axis: int(-1) }], "MatMul a f > c", end],
    { constants: sevenScales, ...rows },
  ),
};

const products: Readonly<Record<string, Coded>> = {
  "one dequantization that two convolutions read": codedNetwork([
    ...convolved,
    end,
    ["Conv a f > d", { ...pads, strides: ints([2, 2]) }],
    "QuantizeLinear d t z > y2",
  ], { outputs: ["y", "y2"] }),
  "a convolution that is also read in float stays float": codedNetwork(
    [...convolved, end, "Neg c > n", "QuantizeLinear n u z > y2"],
    { within: inFloat, outputs: ["y", "y2"] },
  ),
  "a Gemm with a factor stays float": codedNetwork(
    [...matrices, ["Gemm a f > c", { alpha: float(0.5) }], end],
    { within: inFloat, ...rows },
  ),
  "a Gemm of a transposed matrix stays float": codedNetwork(
    [...matrices, ["Gemm a f > c", { transA: int(1) }], end],
    { within: inFloat, x: reals([7, 4]) },
  ),
  "a product of two values: ours in float": codedNetwork(
    [...begin, "MatMul a a > c", end],
    { within: inFloat, x: reals([7, 7]) },
  ),
  "a MatMul of rank 4: ours in float": codedNetwork(
    [...matrices, "MatMul a f > c", end],
    { within: inFloat, x: reals([2, 3, 4, 7]) },
  ),
};

const joins: Readonly<Record<string, Coded>> = {
  "an Add that is broadcast": codedNetwork(
    [...begin, "DequantizeLinear k1 u z > b", "Add a b > c", "QuantizeLinear c t z > y"],
    { constants: { k1: tensor("uint8", [3, 1, 1], [3, 130, 250]) } },
  ),
  "an Add whose operands are both broadcast": codedNetwork(
    [...begin, "DequantizeLinear k1 u z > b", "Add a b > c", "QuantizeLinear c t z > y"],
    { constants: { k1: unsignedWeights([1, 3, 1, 5]) }, x: reals([2, 1, 4, 1]) },
  ),
  "Concat of three, of odd channels, one of them twice": codedNetwork([
    ...reread,
    ["Concat a e a > j", { axis: int(1) }],
    "QuantizeLinear j t z > y",
  ]),
  "an average of windows: both in float": codedNetwork(
    [
      ...begin,
      ["AveragePool a > c", { kernel_shape: ints([2, 3]), pads: ints([0, 1, 1, 0]) }],
      "QuantizeLinear c t z > y",
    ],
    { within: inFloat },
  ),
  "an average of windows as large as the image, padded to its size": codedNetwork(
    [
      ...begin,
      ["AveragePool a > c", { kernel_shape: ints([6, 5]), auto_pad: text("SAME_UPPER") }],
      "QuantizeLinear c t z > y",
    ],
    { within: inFloat },
  ),
};

export const codedHandmade: Readonly<Record<string, Coded>> = {
  ...clamps,
  ...codings,
  ...products,
  ...joins,
  ...codedMoving,
};
