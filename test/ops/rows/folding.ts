// Rows of the operators whose results are known at planning time: folding evaluates them, including 64-bit integers.
import { tensor } from "../../../src/tensor/tensor.ts";
import { exact } from "../agreement.ts";
import { dyadic, int, type Row, whole } from "../one_node.ts";

const row = (opType: string, about: string, more: Omit<Row, "opType" | "about" | "within">): Row => ({
  opType,
  about,
  fed: [],
  within: exact,
  ...more,
});

const huge = [2n ** 53n + 1n, -(2n ** 53n) - 1n, 2n ** 63n - 1n, -(2n ** 63n)];

/** Folding by kernels uses doubles: exact up to 2^53, and the ends of int64 are kept. */
const large = [2n ** 53n, -(2n ** 53n), 2n ** 63n - 1n, -(2n ** 63n)];

export const foldingRows: readonly Row[] = [
  row("Shape", "of an input", { inputs: [dyadic([2, 3, 4])], fed: [0] }),
  row("Shape", "from start to end", {
    inputs: [dyadic([2, 3, 4, 5])],
    fed: [0],
    attributes: { start: int(-3), end: int(-1) },
    opset: 15,
  }),
  row("Size", "of an input", { inputs: [dyadic([2, 3, 4])], fed: [0] }),
  row("Constant", "a tensor", { inputs: [], attributes: { value: { type: "tensor", value: whole(huge) } } }),
  row("Constant", "value_ints", { inputs: [], attributes: { value_ints: { type: "ints", value: huge } } }),
  row("Constant", "value_float", { inputs: [], attributes: { value_float: { type: "float", value: 0.25 } } }),
  row("Constant", "value_floats", {
    inputs: [],
    attributes: { value_floats: { type: "floats", value: [0.25, -3] } },
  }),
  row("ConstantOfShape", "zeros by default", { inputs: [whole([2, 3])] }),
  row("ConstantOfShape", "int64 beyond 2^53", {
    inputs: [whole([2, 2])],
    attributes: { value: { type: "tensor", value: whole([2n ** 53n + 1n]) } },
  }),
  row("ConstantOfShape", "a scalar", { inputs: [whole([])] }),
  row("Cast", "floats to int64 are cut", {
    inputs: [tensor("float32", [6], [1.5, -1.5, 2.5, -0.5, 0, 1e9])],
    attributes: { to: int(7) },
  }),
  row("Cast", "int64 to float32", { inputs: [whole([1, -3, 2 ** 24])], attributes: { to: int(1) } }),
  row("Cast", "int64 to int32", { inputs: [whole([1, -3, 2 ** 24])], attributes: { to: int(6) } }),
  row("Cast", "int64 to int64", { inputs: [whole(huge)], attributes: { to: int(7) } }),
  row("Cast", "floats to bool", {
    inputs: [tensor("float32", [3], [0, 0.5, -1])],
    attributes: { to: int(9) },
  }),
  row("Max", "the largest int64", { inputs: [whole([2n ** 63n - 1n, 3]), whole([5])] }),
  row("Mod", "large int64", { inputs: [whole([2 ** 53 - 1, -(2 ** 53) + 1]), whole([1000])] }),
  row("BitwiseAnd", "large int64", { inputs: [whole([2 ** 53 - 1, -5]), whole([2 ** 40 + 7])], opset: 18 }),
  row("Mul", "int64 beyond 32 bits", { inputs: [whole([2 ** 30, -3]), whole([2 ** 20])] }),
  row("Mean", "drawn and then folded", { inputs: [dyadic([3]), dyadic([2, 3])] }),
  row("Dropout", "drawn and then folded", { inputs: [dyadic([3])] }),
  row("Gather", "int64 beyond 2^53", { inputs: [whole(huge), whole([2, 0, -1])] }),
  row("Gather", "a scalar index", { inputs: [whole([5, 6, 7]), whole([1], [])] }),
  row("Gather", "rows by a matrix of indices", { inputs: [dyadic([4, 3]), whole([0, 3, -4, 1], [2, 2])] }),
  row("Gather", "axis 1", { inputs: [dyadic([2, 4, 3]), whole([3, 0])], attributes: { axis: int(1) } }),
  row("Concat", "large int64", { inputs: [whole(large), whole([1])], attributes: { axis: int(0) } }),
  row("Slice", "large int64", { inputs: [whole(large), whole([1]), whole([4])] }),
  row("Unsqueeze", "int64 beyond 2^53", { inputs: [whole(huge), whole([0])] }),
  row("Squeeze", "int64 beyond 2^53", { inputs: [whole(huge, [1, 4]), whole([0])] }),
  row("Reshape", "int64 beyond 2^53", { inputs: [whole(huge), whole([2, 2])] }),
  row("Identity", "int64 beyond 2^53", { inputs: [whole(huge)] }),
  row("Transpose", "large int64", { inputs: [whole(large, [2, 2])] }),
  row("Mul", "of shapes", { inputs: [whole([3, 5]), whole([7, 11])] }),
  row("Div", "of whole numbers, cut toward zero", { inputs: [whole([7, -7, 9]), whole([2, 2, -4])] }),
  row("Add", "of shapes", { inputs: [whole([3, 5]), whole([7])] }),
  row("Sub", "of shapes", { inputs: [whole([3, 5]), whole([7])] }),
];
