// Codes at ranks 3 and 5, and of images along their last axis, equal ONNX Runtime's.
import { tensor } from "../../src/tensor/tensor.ts";
import { type Coded, coded, inFloat, reals, scalar, signed, unsigned } from "./coded_lines.ts";
import { int, ints, text } from "./one_node.ts";

const uneven = { p: scalar(121, "uint8"), n: scalar(7, "uint8") };
const byte = { p: scalar(-9, "int8"), n: scalar(33, "int8") };
const [row, volume] = [unsigned([2, 5, 9], 4), unsigned([2, 5, 4, 5, 3], 4)];
const bias = { b: tensor("int32", [6], [900, -4000, 3300, 70, -500, 12]) };
const convolution = "QLinearConv x s p w v o u n b > y";

const rows: Readonly<Record<string, Coded>> = {
  "QLinearConv of rows, padded, strided, dilated": coded(
    [[convolution, { pads: ints([1, 2]), strides: ints([2]), dilations: ints([2]) }]],
    { constants: { ...uneven, ...bias, w: signed([6, 5, 3]) }, x: row },
  ),
  "QLinearConv of rows of int8, auto_pad": coded(
    [["QLinearConv x s p w v o u n > y", { auto_pad: text("SAME_LOWER"), strides: ints([2]) }]],
    { constants: { ...byte, w: signed([6, 5, 4]) }, x: signed([2, 5, 9], 4) },
  ),
  "QLinearConv of rows, depthwise": coded(
    [["QLinearConv x s p w v o u n > y", { group: int(5), pads: ints([1, 1]) }]],
    { constants: { ...uneven, w: signed([5, 1, 3]) }, x: row },
  ),
  "QLinearConv of rows, in groups": coded(
    [["QLinearConv x s p w v o u n b > y", { group: int(2) }]],
    { constants: { ...uneven, ...bias, w: signed([6, 3, 3]) }, x: unsigned([2, 6, 9], 4) },
  ),
  "QLinearConcat of rows along the channels": coded(
    [["com.microsoft::QLinearConcat u n x s p k t z > y", { axis: int(1) }]],
    { constants: { ...uneven, k: unsigned([2, 3, 9], 7) }, x: row },
  ),
  "QLinearGlobalAveragePool of rows": coded(
    ["com.microsoft::QLinearGlobalAveragePool x s p t n > y"],
    { constants: uneven, x: row },
  ),
  "a MaxPool of rows": coded(
    [["MaxPool x > y", { kernel_shape: ints([3]), strides: ints([2]), pads: ints([1, 0]) }]],
    { x: row },
  ),
  "rows, flattened for a product": coded([
    ["QLinearConv x s p w v o u n > c", { pads: ints([1, 1]) }],
    "Flatten c > f",
    "com.microsoft::QGemm f u n m v o _ t z > y",
  ], { constants: { ...uneven, w: signed([4, 5, 3]), m: signed([36, 7]) }, x: row }),
  "rows, turned for a product, and back": coded([
    ["QLinearConv x s p w v o u n > c", { pads: ints([1, 1]) }],
    ["Transpose c > f", { perm: ints([0, 2, 1]) }],
    "QLinearMatMul f u n m v o t z > g",
    ["Transpose g > h", { perm: ints([0, 2, 1]) }],
    "QLinearConv h t z w7 v o u n > y",
  ], {
    constants: { ...uneven, w: signed([4, 5, 3]), m: signed([4, 7]), w7: signed([3, 7, 1]) },
    x: row,
  }),
  "rows seen as pictures of height one": coded([
    ["QLinearConv x s p w v o u n > c", { pads: ints([1, 1]) }],
    "Unsqueeze c axes > f",
    "QLinearConv f u n w4 v o t z > y",
  ], {
    constants: {
      ...uneven,
      w: signed([4, 5, 3]),
      w4: signed([6, 4, 1, 2]),
      axes: tensor("int64", [1], [2]),
    },
    x: row,
  }),
  "rows, quantized from floats for a convolution": coded([
    "QuantizeLinear x s z > q",
    "QLinearConv q s z w v o u n > y",
  ], { constants: { ...uneven, w: signed([4, 5, 3]) }, x: reals([2, 5, 9]) }),
};

const volumes: Readonly<Record<string, Coded>> = {
  "QLinearConv of volumes": coded(
    [["QLinearConv x s p w v o u n b > y", { pads: ints([1, 0, 1, 1, 2, 0]), strides: ints([1, 2, 1]) }]],
    { constants: { ...uneven, ...bias, w: signed([6, 5, 3, 2, 3]) }, x: volume },
  ),
  "QLinearConv of volumes of int8, depth strided and dilated": coded(
    [["QLinearConv x s p w v o u n > y", {
      pads: ints([2, 0, 0, 1, 0, 0]),
      strides: ints([2, 1, 1]),
      dilations: ints([2, 1, 1]),
    }]],
    { constants: { ...byte, w: signed([3, 5, 2, 3, 1]) }, x: signed([2, 5, 4, 5, 3], 4) },
  ),
  "QLinearConv of volumes, slice by slice, depthwise": coded(
    [["QLinearConv x s p w v o u n > y", { group: int(5), pads: ints([0, 1, 1, 0, 1, 1]) }]],
    { constants: { ...uneven, w: signed([5, 1, 1, 3, 3]) }, x: volume },
  ),
  "QLinearConv of volumes along their depth, depthwise": coded(
    [["QLinearConv x s p w v o u n > y", { group: int(5), pads: ints([1, 0, 0, 1, 0, 0]) }]],
    { constants: { ...uneven, w: signed([5, 1, 3, 1, 1]) }, x: volume },
  ),
  "QLinearConv of volumes, depthwise: ours in float": coded(
    [["QLinearConv x s p w v o u n > y", { group: int(5) }]],
    { constants: { ...uneven, w: signed([5, 1, 2, 3, 3]) }, x: volume, within: inFloat },
  ),
  "QLinearConcat of volumes along the channels": coded(
    [["com.microsoft::QLinearConcat u n x s p k t z > y", { axis: int(1) }]],
    { constants: { ...uneven, k: unsigned([2, 3, 4, 5, 3], 7) }, x: volume },
  ),
  "QLinearGlobalAveragePool of volumes": coded(
    ["com.microsoft::QLinearGlobalAveragePool x s p t n > y"],
    { constants: uneven, x: volume },
  ),
  "a MaxPool of volumes": coded(
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
  "a product along the last axis of a picture": coded(
    ["QLinearMatMul x s p m v o u n > y"],
    { constants: uneven, x: unsigned([2, 3, 4, 7], 4) },
  ),
};
