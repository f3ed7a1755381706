// Forms of operators that later opsets replaced, as rows: until which opset they were valid, and how to rewrite a
// node in the new form (ONNX Changelog), as one or several nodes. A rewrite that is impossible returns the reason.
// Changes that need no row are reasons in test/ops/opset_changes.ts.
import { intAttribute, intsAttribute, textAttribute } from "../../graph/attribute.ts";
import { constant as constantIn } from "../../graph/edit.ts";
import { dtypes } from "../../tensor/dtype.ts";
import { numbers, tensor } from "../../tensor/tensor.ts";
import {
  attributeToInput,
  dropAttributes,
  stemOf,
  type Upgrade,
  withAttribute,
  withoutAttributes,
} from "./upgrade.ts";
import { alignByAxis, slopesByChannel } from "./broadcast.ts";
import { channelwise, statisticsByChannel, trainingOutputs } from "./normalization.ts";
import { cornersOfPixels, resizePlainly, scalesByName, tensorFlowPixels } from "./resize.ts";
import { scanWithoutBatch } from "./scan.ts";
import { softmaxAxis } from "./softmax.ts";

export type { Around, Upgrade } from "./upgrade.ts";

/** Until 19, the axis of a transform was an attribute, 1 by default. */
const moveTransformAxis: Upgrade["rewrite"] = (node, around) => {
  const axis = node.attributes.get("axis");
  const [signal, length = ""] = node.inputs;
  const value = tensor("int64", [], [axis?.type === "int" ? axis.value : 1]);
  return {
    ...withoutAttributes(node, "axis"),
    inputs: [signal, length, around.constant(`${stemOf(node)}_axis`, value)],
  };
};

/** Until 12, the mask was undefined at inference; until 10, so was its type. */
const maskUnread: Upgrade["rewrite"] = (node, { isRead }) => {
  const [y, mask] = node.outputs;
  if (mask && isRead(mask)) return `"${mask}" is read, a mask that only training gives a meaning`;
  return { ...node, outputs: [y] };
};

/** Since 18, either the sizes of the parts or their number is required. */
const countParts: Upgrade["rewrite"] = (node) =>
  node.inputs[1] ? node : withAttribute(node, "num_outputs", intAttribute(node.outputs.length));

/** Until 20, linear and cubic had their two-dimensional names. */
const modeOfAnyRank: Upgrade["rewrite"] = (node) => {
  const mode = node.attributes.get("mode");
  const named = mode?.type === "string" && { bilinear: "linear", bicubic: "cubic" }[mode.value];
  return named ? withAttribute(node, "mode", textAttribute(named)) : node;
};

/** Until 6, types were given by name. */
const typeByCode: Upgrade["rewrite"] = (node) => {
  const to = node.attributes.get("to");
  if (to?.type !== "string") return node;
  const word = to.value.toLowerCase();
  const code = dtypes.indexOf(({ float: "float32", double: "float64" }[word] ?? word) as "int8");
  if (code < 1) return `"${to.value}" is no element type`;
  return withAttribute(node, "to", intAttribute(code));
};

const renameAttribute = (from: string, to: string): Upgrade["rewrite"] => (node) => {
  const value = node.attributes.get(from);
  return value ? withAttribute(withoutAttributes(node, from), to, value) : node;
};

const wholeNorm: Upgrade["rewrite"] = (node) => {
  const p = node.attributes.get("p");
  if (p?.type !== "float") return node;
  return Number.isInteger(p.value)
    ? withAttribute(node, "p", intAttribute(p.value))
    : `p is ${p.value}, expected a whole number`;
};

/** Until 6, Tile repeated along one axis. */
const repeatsByAxis: Upgrade["rewrite"] = (node, around) => {
  const rank = around.graph.values.get(node.inputs[0])?.shape?.length;
  const [tiles, axis] = node.inputs.slice(1).map((name) => constantIn(around.graph, name));
  if (rank === undefined || !tiles || !axis) {
    return "its tiles and axis are not constant, or its rank is unknown";
  }
  const repeats = new Array<number>(rank).fill(1);
  repeats[numbers(axis)[0]] = numbers(tiles)[0];
  const name = around.constant(`${stemOf(node)}_repeats`, tensor("int64", [rank], repeats));
  return { ...node, inputs: [node.inputs[0], name] };
};

/** Until 2, the sizes of parts could be an input. */
const sizesByAttribute: Upgrade["rewrite"] = (node, { graph }) => {
  if (!node.inputs[1]) return node;
  const sizes = constantIn(graph, node.inputs[1]);
  if (!sizes) return "its sizes of parts are not constant";
  return { ...withAttribute(node, "split", intsAttribute(numbers(sizes))), inputs: [node.inputs[0]] };
};

const row = (opType: string, until: number, rewrite: Upgrade["rewrite"]): Upgrade => ({
  opType,
  until,
  rewrite,
});
const rows = (opTypes: string, until: number, rewrite: Upgrade["rewrite"]) =>
  opTypes.split(" ").map((opType) => row(opType, until, rewrite));

/** Rows of the same operator and opset are applied one after another. */
export const upgrades: readonly Upgrade[] = [
  ...rows("LpPool GlobalLpPool", 2, wholeNorm),
  row("Pad", 2, renameAttribute("paddings", "pads")),
  row("Split", 2, sizesByAttribute),
  row(
    "Concat",
    4,
    (node) => node.attributes.has("axis") ? node : withAttribute(node, "axis", intAttribute(1)),
  ),
  row("Reshape", 5, dropAttributes("consumed_inputs")),
  row("Reshape", 5, attributeToInput("shape", 1)),
  ...rows(
    "Abs Add BatchNormalization Ceil Clip Div Dropout Elu Exp Floor HardSigmoid InstanceNormalization LeakyRelu Log " +
      "Max Mean Min Mul Neg PRelu Reciprocal Relu Selu Sigmoid Sqrt Sub Sum Tanh",
    6,
    dropAttributes("consumed_inputs"),
  ),
  row("Cast", 6, typeByCode),
  row("Tile", 6, repeatsByAxis),
  ...rows("Add Sub Mul Div Pow And Or Xor Equal Greater Less", 7, alignByAxis),
  row("PRelu", 7, slopesByChannel),
  row("Gemm", 7, dropAttributes("broadcast")),
  ...rows("BatchNormalization Dropout", 7, dropAttributes("is_test")),
  ...rows("RNN GRU LSTM", 7, dropAttributes("output_sequence")),
  row("Upsample", 7, scalesByName),
  row("BatchNormalization", 9, statisticsByChannel),
  row("Scan", 9, scanWithoutBatch),
  row("Upsample", 9, attributeToInput("scales", 1)),
  row("Slice", 10, attributeToInput("starts", 1)),
  row("Slice", 10, attributeToInput("ends", 2)),
  row("Slice", 10, attributeToInput("axes", 3)),
  row("TopK", 10, attributeToInput("k", 1)),
  row("Dropout", 10, maskUnread),
  row("Upsample", 10, (node) => ({ ...node, opType: "Resize" })),
  row("Clip", 11, attributeToInput("min", 1)),
  row("Clip", 11, attributeToInput("max", 2)),
  row("Pad", 11, attributeToInput("pads", 1)),
  row("Pad", 11, attributeToInput("value", 2)),
  row("Scatter", 11, (node) => ({ ...node, opType: "ScatterElements" })),
  row("Resize", 11, resizePlainly),
  row("Dropout", 12, maskUnread),
  row("Dropout", 12, attributeToInput("ratio", 1)),
  ...rows("Squeeze Unsqueeze ReduceSum", 13, attributeToInput("axes", 1)),
  row("Split", 13, attributeToInput("split", 1)),
  ...rows("Softmax LogSoftmax Hardmax", 13, softmaxAxis),
  row("Resize", 13, tensorFlowPixels),
  row("BatchNormalization", 14, trainingOutputs),
  row("RoiAlign", 16, cornersOfPixels),
  ...rows(
    "ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSumSquare",
    18,
    attributeToInput("axes", 1),
  ),
  row("Split", 18, countParts),
  row("GridSample", 20, modeOfAnyRank),
  row("DFT", 20, moveTransformAxis),
  row("GroupNormalization", 21, channelwise),
];
