// Integer operators as other tools write them: ONNX's QLinear operators and ONNX Runtime's own (com.microsoft). Codes
// are inputs. Weights whose zero point is not the middle code are multiplied in float here.
import { type Tensor, tensor } from "../../src/tensor/tensor.ts";
import { absolute } from "./agreement.ts";
import {
  biases,
  type Coded,
  codedNetwork,
  inFloat,
  scalar,
  signedWeights,
  unsignedWeights,
} from "./coded_lines.ts";
import { float, int, ints, text } from "./one_node.ts";

const pads = { pads: ints([1, 0, 2, 1]) };
const five = {
  vs: tensor("float32", [5], [0.001, 0.004, 0.002, 0.005, 0.003]),
  os: tensor("int8", [5], [0, 0, 0, 0, 0]),
};
const picture = unsignedWeights([2, 3, 6, 5], 4);
const signedPicture = signedWeights([2, 3, 6, 5], 4);
const byte = { p: scalar(-9, "int8"), n: scalar(33, "int8") };
const uneven = { p: scalar(121, "uint8"), n: scalar(7, "uint8") };
const bias = { b: biases(900, -4000, 3300, 70, -500) };

const convolutions: Readonly<Record<string, Coded>> = {
  "QLinearConv of uint8 by int8, a scale per channel, with a bias": codedNetwork(
    [["QLinearConv x s z w vs os u z b > y", pads]],
    { constants: { ...five, ...bias }, x: picture },
  ),
  "QLinearConv of int8 by int8, without a bias": codedNetwork(
    [["QLinearConv x s p w v o u n > y", { ...pads, strides: ints([2, 1]) }]],
    { constants: byte, x: signedPicture },
  ),
  "QLinearConv of uint8 by uint8 around 128": codedNetwork(
    [["QLinearConv x s p w8 v z u n b > y", { auto_pad: text("SAME_UPPER") }]],
    { constants: { ...uneven, ...bias, w8: unsignedWeights([5, 3, 3, 3]) }, x: picture },
  ),
  "QLinearConv of uint8 by uint8 around 121: ours in float": codedNetwork(
    [["QLinearConv x s z w8 v p u n b > y", pads]],
    { constants: { ...uneven, ...bias, w8: unsignedWeights([5, 3, 3, 3]) }, x: picture, within: inFloat },
  ),
  "QLinearConv of uint8 by int8 around 33, a scale per channel: ours in float": codedNetwork(
    [["QLinearConv x s z w vs os u l b > y", pads]],
    {
      constants: { vs: five.vs, ...bias, os: tensor("int8", [5], [33, 33, 33, 33, 33]) },
      x: picture,
      within: inFloat,
    },
  ),
  "QLinearConv in groups, dilated": codedNetwork(
    [["QLinearConv x s z g v o u z > y", { group: int(3), dilations: ints([2, 1]) }]],
    { constants: { g: signedWeights([6, 1, 2, 3], 5) }, x: picture },
  ),
  "QLinearConv, depthwise": codedNetwork(
    [["QLinearConv x s l g v o u l > y", { ...pads, group: int(3) }]],
    { constants: { g: signedWeights([3, 1, 3, 3], 5) }, x: picture },
  ),
};

const matrix = (constants: Readonly<Record<string, Tensor>> = {}) => ({
  constants,
  x: unsignedWeights([4, 7], 4),
});
const sevenScales = {
  vs: tensor("float32", [7], [1, 2, 3, 4, 5, 6, 7].map((i) => i / 1000)),
  os: tensor("int8", [7], [0, 0, 0, 0, 0, 0, 0]),
};
const columns = { c: biases(900, -4000, 3300, 70, -500, 0, 123) };

const products: Readonly<Record<string, Coded>> = {
  "QLinearMatMul of uint8 by int8, a scale per column": codedNetwork(
    ["QLinearMatMul x s z m vs os u z > y"],
    matrix(sevenScales),
  ),
  "QLinearMatMul of int8 by int8, rank 3": codedNetwork(
    ["QLinearMatMul x s p m v o u n > y"],
    { constants: byte, x: signedWeights([2, 3, 7], 4) },
  ),
  "QLinearMatMul of uint8 by uint8 around 128": codedNetwork(
    ["QLinearMatMul x s p m8 v z u n > y"],
    matrix({ ...uneven, m8: unsignedWeights([7, 5]) }),
  ),
  "QLinearMatMul of uint8 by uint8 around 121: ours in float": codedNetwork(
    ["QLinearMatMul x s z m8 v p u n > y"],
    { ...matrix({ ...uneven, m8: unsignedWeights([7, 5]) }), within: inFloat },
  ),
  "QLinearMatMul of rank 4, a scale per column": codedNetwork(
    ["QLinearMatMul x s z m vs os u z > y"],
    { constants: sevenScales, x: unsignedWeights([2, 3, 4, 7], 4) },
  ),
  "QLinearMatMul of two values: ours in float": codedNetwork(
    ["QLinearMatMul x s z x s z t z > y"],
    { x: unsignedWeights([7, 7], 4), within: inFloat },
  ),
  "QGemm with a bias": codedNetwork(["com.microsoft::QGemm x s z m v o c u z > y"], matrix(columns)),
  "QGemm of int8, transposed weights, a scale per column, without a bias": codedNetwork(
    [["com.microsoft::QGemm x s p m vs os _ u n > y", { transB: int(1) }]],
    { constants: { ...byte, ...sevenScales }, x: signedWeights([4, 7], 4) },
  ),
  "QGemm of uint8 by uint8 around 121, a bias: ours in float": codedNetwork(
    ["com.microsoft::QGemm x s z m8 v p c u n > y"],
    { ...matrix({ ...uneven, ...columns, m8: unsignedWeights([7, 7]) }), within: inFloat },
  ),
  "QGemm with a factor: ours in float": codedNetwork(
    [["com.microsoft::QGemm x s z m v o _ u z > y", { alpha: float(0.25) }]],
    { ...matrix(), within: inFloat },
  ),
  "QGemm to float": codedNetwork(
    ["com.microsoft::QGemm x s z m v o c > y"],
    { ...matrix(columns), within: absolute(1e-5, "seven products in float, results up to 5") },
  ),
};

const k = unsignedWeights([2, 3, 6, 5], 7);
const k1 = unsignedWeights([1, 3, 1, 1], 7);
const joined = ["Add", "Mul"].flatMap((opType): [string, Coded][] => [
  [
    `QLinear${opType} of uint8`,
    codedNetwork([`com.microsoft::QLinear${opType} x s p k t z u n > y`], {
      constants: { ...uneven, k },
      x: picture,
    }),
  ],
  [
    `QLinear${opType} of int8`,
    codedNetwork([`com.microsoft::QLinear${opType} x s p k t n u o > y`], {
      constants: { ...byte, k: signedWeights([2, 3, 6, 5], 7) },
      x: signedPicture,
    }),
  ],
  [
    `QLinear${opType}, broadcast`,
    codedNetwork([`com.microsoft::QLinear${opType} x s p k1 t z u n > y`], {
      constants: { ...uneven, k1 },
      x: picture,
    }),
  ],
]);

const others: Readonly<Record<string, Coded>> = {
  "QLinearSigmoid of uint8": codedNetwork(
    ["com.microsoft::QLinearSigmoid x s p t n > y"],
    { constants: uneven, x: picture },
  ),
  "QLinearSigmoid of int8": codedNetwork(
    ["com.microsoft::QLinearSigmoid x s p t n > y"],
    { constants: byte, x: signedPicture },
  ),
  "QLinearLeakyRelu of uint8": codedNetwork(
    [["com.microsoft::QLinearLeakyRelu x s p t n > y", { alpha: float(0.3) }]],
    { constants: uneven, x: picture },
  ),
  "QLinearLeakyRelu of int8, its own slope": codedNetwork(
    ["com.microsoft::QLinearLeakyRelu x s p t n > y"],
    { constants: byte, x: signedPicture },
  ),
  "QLinearConcat of channels": codedNetwork(
    [["com.microsoft::QLinearConcat u n x s p k t z x s p > y", { axis: int(1) }]],
    { constants: { ...uneven, k }, x: picture },
  ),
  "QLinearConcat of rows": codedNetwork(
    [["com.microsoft::QLinearConcat u n x s p k t z > y", { axis: int(2) }]],
    { constants: { ...uneven, k }, x: picture },
  ),
  "QLinearConcat of columns, int8": codedNetwork(
    [["com.microsoft::QLinearConcat u n x s p k t o > y", { axis: int(-1) }]],
    { constants: { ...byte, k: signedWeights([4, 5], 7) }, x: signedWeights([4, 7]) },
  ),
  "QLinearGlobalAveragePool of uint8": codedNetwork(
    ["com.microsoft::QLinearGlobalAveragePool x s p t n > y"],
    { constants: uneven, x: picture },
  ),
  "QLinearGlobalAveragePool of int8": codedNetwork(
    ["com.microsoft::QLinearGlobalAveragePool x s p t n > y"],
    { constants: byte, x: signedPicture },
  ),
  "QLinearAveragePool of whole images": codedNetwork(
    [["com.microsoft::QLinearAveragePool x s p t n > y", { kernel_shape: ints([6, 5]) }]],
    { constants: uneven, x: picture },
  ),
  "QLinearAveragePool of windows: both in float": codedNetwork(
    [["com.microsoft::QLinearAveragePool x s p t n > y", {
      kernel_shape: ints([2, 3]),
      strides: ints([2, 2]),
    }]],
    { constants: uneven, x: picture, within: inFloat },
  ),
};

export const codedOperators: Readonly<Record<string, Coded>> = {
  ...convolutions,
  ...products,
  ...Object.fromEntries(joined),
  ...others,
};
