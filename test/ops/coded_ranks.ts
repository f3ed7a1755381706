// Codes at ranks 3 and 5, and of images along their last axis, equal ONNX Runtime's.
import { tensor } from "../../src/tensor/tensor.ts";
import {
  type Coded,
  codedNetwork,
  inFloat,
  reals,
  scalar,
  signedWeights,
  unsignedWeights,
} from "./coded_lines.ts";
import { int, ints, text } from "./one_node.ts";

const uneven = { p: scalar(121, "uint8"), n: scalar(7, "uint8") };
const byte = { p: scalar(-9, "int8"), n: scalar(33, "int8") };
const [row, volume] = [unsignedWeights([2, 5, 9], 4), unsignedWeights([2, 5, 4, 5, 3], 4)];
const bias = { b: tensor("int32", [6], [900, -4000, 3300, 70, -500, 12]) };
const convolution = "QLinearConv x s p w v o u n b > y";

const rows: Readonly<Record<string, Coded>> = {
  "QLinearConv of rows, padded, strided, dilated": codedNetwork(
    [[convolution, { pads: ints([1, 2]), strides: ints([2]), dilations: ints([2]) }]],
    { constants: { ...uneven, ...bias, w: signedWeights([6, 5, 3]) }, x: row },
  ),
  "QLinearConv of rows of int8, auto_pad": codedNetwork(
    [["QLinearConv x s p w v o u n > y", { auto_pad: text("SAME_LOWER"), strides: ints([2]) }]],
    { constants: { ...byte, w: signedWeights([6, 5, 4]) }, x: signedWeights([2, 5, 9], 4) },
  ),
  "QLinearConv of rows, depthwise": codedNetwork(
    [["QLinearConv x s p w v o u n > y", { group: int(5), pads: ints([1, 1]) }]],
    { constants: { ...uneven, w: signedWeights([5, 1, 3]) }, x: row },
  ),
  "QLinearConv of rows, in groups": codedNetwork(
    [["QLinearConv x s p w v o u n b > y", { group: int(2) }]],
    { constants: { ...uneven, ...bias, w: signedWeights([6, 3, 3]) }, x: unsignedWeights([2, 6, 9], 4) },
  ),
  "QLinearConcat of rows along the channels": codedNetwork(
    [["com.microsoft::QLinearConcat u n x s p k t z > y", { axis: int(1) }]],
    { constants: { ...uneven, k: unsignedWeights([2, 3, 9], 7) }, x: row },
  ),
  "QLinearGlobalAveragePool of rows": codedNetwork(
    ["com.microsoft::QLinearGlobalAveragePool x s p t n > y"],
    { constants: uneven, x: row },
  ),
  "a MaxPool of rows": codedNetwork(
    [["MaxPool x > y", { kernel_shape: ints([3]), strides: ints([2]), pads: ints([1, 0]) }]],
    { x: row },
  ),
  "rows, flattened for a product": codedNetwork([
    ["QLinearConv x s p w v o u n > c", { pads: ints([1, 1]) }],
    "Flatten c > f",
    "com.microsoft::QGemm f u n m v o _ t z > y",
  ], { constants: { ...uneven, w: signedWeights([4, 5, 3]), m: signedWeights([36, 7]) }, x: row }),
  "rows, turned for a product, and back": codedNetwork([
    ["QLinearConv x s p w v o u n > c", { pads: ints([1, 1]) }],
    ["Transpose c > f", { perm: ints([0, 2, 1]) }],
    "QLinearMatMul f u n m v o t z > g",
    ["Transpose g > h", { perm: ints([0, 2, 1]) }],
    "QLinearConv h t z w7 v o u n > y",
  ], {
    constants: {
      ...uneven,
      w: signedWeights([4, 5, 3]),
      m: signedWeights([4, 7]),
      w7: signedWeights([3, 7, 1]),
    },
    x: row,
  }),
  "rows seen as pictures of height one": codedNetwork([
    ["QLinearConv x s p w v o u n > c", { pads: ints([1, 1]) }],
    "Unsqueeze c axes > f",
    "QLinearConv f u n w4 v o t z > y",
  ], {
    constants: {
      ...uneven,
      w: signedWeights([4, 5, 3]),
      w4: signedWeights([6, 4, 1, 2]),
      axes: tensor("int64", [1], [2]),
    },
    x: row,
  }),
  "rows, quantized from floats for a convolution": codedNetwork([
    "QuantizeLinear x s z > q",
    "QLinearConv q s z w v o u n > y",
  ], { constants: { ...uneven, w: signedWeights([4, 5, 3]) }, x: reals([2, 5, 9]) }),
};

const volumes: Readonly<Record<string, Coded>> = {
  "QLinearConv of volumes": codedNetwork(
    [["QLinearConv x s p w v o u n b > y", { pads: ints([1, 0, 1, 1, 2, 0]), strides: ints([1, 2, 1]) }]],
    { constants: { ...uneven, ...bias, w: signedWeights([6, 5, 3, 2, 3]) }, x: volume },
  ),
  "QLinearConv of volumes of int8, depth strided and dilated": codedNetwork(
    [["QLinearConv x s p w v o u n > y", {
      pads: ints([2, 0, 0, 1, 0, 0]),
      strides: ints([2, 1, 1]),
      dilations: ints([2, 1, 1]),
    }]],
    { constants: { ...byte, w: signedWeights([3, 5, 2, 3, 1]) }, x: signedWeights([2, 5, 4, 5, 3], 4) },
  ),
  "QLinearConv of volumes, slice by slice, depthwise": codedNetwork(
    [["QLinearConv x s p w v o u n > y", { group: int(5), pads: ints([0, 1, 1, 0, 1, 1]) }]],
    { constants: { ...uneven, w: signedWeights([5, 1, 1, 3, 3]) }, x: volume },
  ),
  "QLinearConv of volumes along their depth, depthwise": codedNetwork(
    [["QLinearConv x s p w v o u n > y", { group: int(5), pads: ints([1, 0, 0, 1, 0, 0]) }]],
    { constants: { ...uneven, w: signedWeights([5, 1, 3, 1, 1]) }, x: volume },
  ),
  "QLinearConv of volumes, depthwise: ours in float": codedNetwork(
    [["QLinearConv x s p w v o u n > y", { group: int(5) }]],
    { constants: { ...uneven, w: signedWeights([5, 1, 2, 3, 3]) }, x: volume, within: inFloat },
  ),
  "QLinearConcat of volumes along the channels": codedNetwork(
    [["com.microsoft::QLinearConcat u n x s p k t z > y", { axis: int(1) }]],
    { constants: { ...uneven, k: unsignedWeights([2, 3, 4, 5, 3], 7) }, x: volume },
  ),
  "QLinearGlobalAveragePool of volumes": codedNetwork(
    ["com.microsoft::QLinearGlobalAveragePool x s p t n > y"],
    { constants: uneven, x: volume },
  ),
  "a MaxPool of volumes": codedNetwork(
    [["MaxPool x > y", {
      kernel_shape: ints([2, 3, 2]),
      strides: ints([2, 1, 1]),
      pads: ints([1, 1, 0, 0, 1, 1]),
    }]],
    { x: volume },
  ),
};

export const codedRanks: Readonly<Record<string, Coded>> = {
  ...rows,
  ...volumes,
  "a product along the last axis of a picture": codedNetwork(
    ["QLinearMatMul x s p m v o u n > y"],
    { constants: uneven, x: unsignedWeights([2, 3, 4, 7], 4) },
  ),
};
