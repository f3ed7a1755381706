// Rows of operators on codes whose scales are inputs or per block; their sums are integers.
import { tensor } from "../../../src/tensor/tensor.ts";
import { exact } from "../agreement.ts";
import { int, ints, type Row, valuesBetween } from "../one_node.ts";

const codes = (dtype: "uint8" | "int8", shape: readonly number[], seed = 1) => {
  const count = shape.reduce((a, b) => a * b, 1);
  const low = dtype === "int8" ? -128 : 0;
  return tensor(dtype, shape, Array.from({ length: count }, (_, i) => low + ((i + seed) * 97) % 256));
};
const zero = (dtype: "uint8" | "int8", ...values: number[]) =>
  tensor(dtype, values.length === 1 ? [] : [values.length], values);
export const codesRows: readonly Row[] = [
  {
    opType: "DynamicQuantizeLinear",
    about: "two-sided",
    inputs: [valuesBetween([3, 5], -2, 3)],
    outputs: 3,
    opset: 11,
    within: exact,
  },
  {
    opType: "DynamicQuantizeLinear",
    about: "above zero only",
    inputs: [valuesBetween([7], 1, 3)],
    outputs: 3,
    opset: 11,
    within: exact,
  },
  {
    opType: "DynamicQuantizeLinear",
    about: "below zero only",
    inputs: [valuesBetween([2, 2], -3, -1)],
    outputs: 3,
    opset: 11,
    within: exact,
  },
  {
    opType: "DynamicQuantizeLinear",
    about: "nothing but zeros",
    inputs: [valuesBetween([2, 3], 0, 0)],
    outputs: 3,
    opset: 11,
    within: exact,
  },
  {
    opType: "MatMulInteger",
    about: "zero points for all",
    inputs: [codes("uint8", [3, 5]), codes("uint8", [5, 4], 7), zero("uint8", 12), zero("uint8", 131)],
    opset: 10,
    within: exact,
  },
  {
    opType: "MatMulInteger",
    about: "a zero point a column, batches",
    inputs: [codes("uint8", [2, 3, 4]), codes("int8", [4, 3], 5), zero("uint8", 3), zero("int8", 1, -2, 3)],
    opset: 10,
    within: exact,
  },
  {
    opType: "MatMulInteger",
    about: "no zero points",
    inputs: [codes("uint8", [2, 300]), codes("uint8", [300, 2])],
    opset: 10,
    within: exact,
  },
  {
    opType: "QuantizeLinear",
    about: "blocks, the last one shorter",
    attributes: { axis: int(1), block_size: int(2) },
    inputs: [
      valuesBetween([2, 5], -3, 3),
      tensor("float32", [2, 3], [0.1, 0.2, 0.05, 0.3, 0.25, 0.15]),
      codes("uint8", [2, 3]),
    ],
    opset: 21,
    within: exact,
  },
  {
    opType: "ConvInteger",
    about: "padded and strided",
    attributes: { pads: ints([1, 1, 1, 1]), strides: ints([2, 1]) },
    inputs: [
      codes("uint8", [2, 3, 5, 6]),
      codes("uint8", [4, 3, 3, 3], 3),
      zero("uint8", 7),
      zero("uint8", 128),
    ],
    opset: 10,
    within: exact,
  },
  {
    opType: "ConvInteger",
    about: "groups, dilated",
    attributes: { group: int(2), dilations: ints([2, 2]) },
    inputs: [
      codes("uint8", [1, 4, 6, 7]),
      codes("uint8", [6, 2, 2, 2], 3),
      zero("uint8", 100),
      zero("uint8", 2),
    ],
    opset: 10,
    within: exact,
  },
];
