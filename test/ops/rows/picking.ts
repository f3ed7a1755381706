// Rows of the operators whose indices or lengths are inputs: all exact.
import { tensor } from "../../../src/tensor/tensor.ts";
import { exact, ulps } from "../agreement.ts";
import { dyadic, int, type Row, text, whole } from "../one_node.ts";

const row = (
  opType: string,
  about: string,
  more: Omit<Row, "opType" | "about" | "within"> & Partial<Row>,
): Row => ({
  opType,
  about,
  within: exact,
  fed: more.inputs.flatMap((input, i) => input ? [i] : []),
  ...more,
});
const int32 = (shape: readonly number[], values: readonly number[]) => tensor("int32", shape, values);
const large = int32([2, 3], [2 ** 24 + 1, -1, 2 ** 30 + 1, 5, -(2 ** 31), 7]);

const gathered: Row[] = [
  row("Gather", "rows, negative indices", { inputs: [dyadic([5, 3]), whole([4, -5, 0, -1])] }),
  row("Gather", "the last axis, a matrix of int32 indices", {
    inputs: [dyadic([2, 3, 7]), int32([2, 2], [6, -7, 3, 3])],
    attributes: { axis: int(-1) },
  }),
  row("Gather", "a scalar index that arrives", {
    inputs: [dyadic([2, 4, 3]), whole([2], [])],
    attributes: { axis: int(1) },
  }),
  row("Gather", "integers", { inputs: [large, whole([1, 0, 1])] }),
  row("Gather", "constant data", { inputs: [dyadic([50, 8]), whole([3, 49, 0], [1, 3])], fed: [1] }),
  row("Gather", "no indices", { inputs: [dyadic([5, 3]), whole([], [0])] }),
  row("GatherElements", "rows", {
    inputs: [dyadic([3, 4, 2]), whole([0, -1, 2, 1, 1, 0, -3, 2], [1, 4, 2])],
  }),
  row("GatherElements", "the last axis", {
    inputs: [dyadic([2, 5]), int32([2, 3], [4, 0, -5, 1, 1, 1])],
    attributes: { axis: int(-1) },
  }),
  row("GatherElements", "integers", {
    inputs: [large, whole([2, 0, 1, 1], [2, 2])],
    attributes: { axis: int(1) },
  }),
  row("GatherND", "elements", { inputs: [dyadic([3, 4]), whole([0, 1, 2, -1, -3, 3], [3, 2])] }),
  row("GatherND", "slices", { inputs: [dyadic([3, 4, 2, 2]), whole([2, 1, 0, -1], [2, 1, 2])], opset: 12 }),
  row("GatherND", "batches", {
    inputs: [dyadic([2, 3, 4]), whole([1, -1], [2, 1])],
    attributes: { batch_dims: int(1) },
  }),
  row("GatherND", "two axes of batches", {
    inputs: [dyadic([2, 2, 3, 4]), whole([0, 1, 2, 0, -1, 2, 1, 1], [2, 2, 2, 1])],
    attributes: { batch_dims: int(2) },
  }),
  row("Compress", "an axis", {
    inputs: [dyadic([2, 4, 3]), tensor("bool", [3], [0, 1, 1])],
    attributes: { axis: int(1) },
    fed: [0],
  }),
  row("Compress", "all elements", {
    inputs: [dyadic([2, 3]), tensor("bool", [5], [0, 1, 0, 0, 1])],
    fed: [0],
  }),
];

const scattered: Row[] = [
  row("Scatter", "opset 9", {
    inputs: [dyadic([3, 3]), whole([1, 0, 2, 0, 2, 1], [2, 3]), dyadic([2, 3], 50)],
    opset: 9,
  }),
  row("ScatterElements", "the last axis, negative indices", {
    inputs: [dyadic([2, 5]), whole([-1, 1, 0, -5], [2, 2]), dyadic([2, 2], 50)],
    attributes: { axis: int(-1) },
  }),
  row("ScatterElements", "the last of two updates stays", {
    inputs: [dyadic([4]), whole([1, 1, -3]), dyadic([3], 50)],
  }),
  row("ScatterElements", "integers", {
    inputs: [large, whole([1, 0], [1, 2]), int32([1, 2], [2 ** 24 + 3, 9])],
  }),
  ...["add", "mul", "max", "min"].flatMap((reduction) => [
    row("ScatterElements", reduction, {
      inputs: [dyadic([3, 4]), whole([0, 2, 2, 0, 0, 1, 2, 0], [2, 4]), dyadic([2, 4], 50)],
      attributes: { reduction: text(reduction) },
      opset: 18,
    }),
    row("ScatterND", reduction, {
      inputs: [dyadic([4, 3]), whole([1, 3, 1, -3], [4, 1]), dyadic([4, 3], 50)],
      attributes: { reduction: text(reduction) },
      opset: 18,
    }),
  ]),
  row("ScatterND", "elements", {
    inputs: [dyadic([3, 4]), whole([0, 1, 2, -1], [2, 2]), dyadic([2], 50)],
  }),
  row("ScatterND", "slices, the last of two updates stays", {
    inputs: [dyadic([3, 2, 2]), whole([2, 0, 2], [3, 1]), dyadic([3, 2, 2], 50)],
  }),
  row("ScatterND", "many updates, the last of several stays", {
    inputs: [
      dyadic([3, 4, 2]),
      whole(Array.from({ length: 60 }, (_, i) => (i * i + 3 * i) % 3 - (i % 2)), [30, 2]),
      dyadic([30, 2], 50),
    ],
  }),
  row("ScatterND", "integers", { inputs: [large, whole([1, 2], [1, 2]), int32([1], [2 ** 24 + 3])] }),
];

const sequences: Row[] = [
  row("ReverseSequence", "time first", { inputs: [dyadic([4, 3, 2]), whole([1, 4, 3])] }),
  row("ReverseSequence", "batch first", {
    inputs: [dyadic([2, 5]), whole([5, 2])],
    attributes: { batch_axis: int(0), time_axis: int(1) },
  }),
  ...[[0, 0], [1, 0], [0, 1], [1, 1]].map(([exclusive, reverse]) =>
    row("CumSum", `exclusive ${exclusive}, reverse ${reverse}`, {
      inputs: [dyadic([3, 7, 2]), whole([-2], [])],
      attributes: { exclusive: int(exclusive), reverse: int(reverse) },
      fed: [0],
    })
  ),
  row("CumSum", "integers", { inputs: [large, whole([1], [])], fed: [0], opset: 14 }),
];

const shaped: Row[] = [
  ...[0, 1].flatMap((upper) =>
    [undefined, 2, -1, 9, -9].map((k) =>
      row("Trilu", `${upper ? "upper" : "lower"}, k ${k}`, {
        inputs: [dyadic([2, 3, 5]), k === undefined ? undefined : whole([k], [])],
        attributes: { upper: int(upper) },
        fed: [0],
        opset: 14,
      })
    )
  ),
  row("EyeLike", "shifted", { inputs: [dyadic([3, 5])], attributes: { k: int(1) } }),
  row("EyeLike", "below, as int64", { inputs: [dyadic([4, 3])], attributes: { k: int(-2), dtype: int(7) } }),
  row("Range", "of int64 beyond 2^53", {
    inputs: [whole([2n ** 53n + 1n], []), whole([2n ** 53n + 9n], []), whole([3], [])],
    fed: [],
  }),
  row("Range", "of float32, backwards", {
    inputs: [1, -0.35, -0.1].map((value) => tensor("float32", [], [value])),
    fed: [],
    within: ulps(8, "ONNX multiplies the step, ONNX Runtime adds it up", 1),
  }),
  row("Range", "of nothing", { inputs: [3, 3, 1].map((value) => int32([], [value])), fed: [] }),
];

const hot: Row[] = [
  row("OneHot", "the last axis; negative indices, indices outside", {
    inputs: [whole([0, -1, 4, 5, -5, -6], [2, 3]), whole([5], []), tensor("float32", [2], [-0.5, 3])],
    fed: [0],
  }),
  row("OneHot", "the first axis, values that arrive, float32 indices", {
    inputs: [[1, 0, 2], [4], [7, -0.25]].map((list) => tensor("float32", [list.length], list)),
    attributes: { axis: int(0) },
    fed: [0, 2],
  }),
];

export const pickingRows: readonly Row[] = [...gathered, ...scattered, ...sequences, ...shaped, ...hot];
