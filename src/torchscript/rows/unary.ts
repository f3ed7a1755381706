// Functions of one operand: activations, elementwise mathematics, normalizations, types.
import type { Dim, Node } from "../../graph/graph.ts";
import { float, int, readAttributes, text } from "../../ops/declare/op.ts";
import { dtypes } from "../../tensor/dtype.ts";
import { floatText, listText, torchCall } from "../code.ts";
import type { Conversion } from "../conversion.ts";
import { scalarTypeOf } from "../element_types.ts";
import { refuse, type Row, type Rows } from "./row.ts";

/** The operator of this name on the first input, with literals after it. */
const plain = (name: string, ...literals: string[]): Row => ({ inputs: [x] }, from) =>
  torchCall(name, from.tensor(x), ...literals);

const same: Row = ({ inputs: [x], outputs }, from) => {
  if (outputs.length > 1) refuse("its mask is read");
  return from.tensor(x);
};

/** One attribute, a float, follows the operand. */
const scaled = (name: string, key: string, otherwise: number): Row => (node, from) => {
  const { [key]: value } = readAttributes(node, { [key]: float(otherwise) });
  return torchCall(name, from.tensor(node.inputs[0]), floatText(value));
};

const clip: Row = ({ inputs: [x, ...bounds] }, from) => {
  const known = [0, 1].map((i) => bounds[i] ? from.scalar(bounds[i]) : Infinity);
  const isInteger = from.dtype(x).includes("int");
  const texts = known.map((bound, i) => {
    if (bound === undefined) return undefined;
    if (!Number.isFinite(bound)) return "None";
    if (i === 0 ? bound < -3.4e38 : bound > 3.4e38) return "None";
    return isInteger ? String(bound) : floatText(bound);
  });
  if (texts.every((one) => one === "None")) return from.tensor(x);
  if (texts[0] === "0.0" && texts[1] === "None") return torchCall("relu", from.tensor(x));
  if (texts.every((one) => one !== undefined)) {
    return torchCall("clamp", from.tensor(x), ...texts as string[]);
  }
  return torchCall(
    "clamp",
    from.tensor(x),
    ...[0, 1].map((i) => bounds[i] ? from.tensor(bounds[i]) : "None"),
  );
};

const hardSigmoid: Row = (node, from) => {
  const { alpha, beta } = readAttributes(node, { alpha: float(0.2), beta: float(0.5) });
  const line = torchCall(
    "add",
    torchCall("mul", from.tensor(node.inputs[0]), floatText(alpha)),
    floatText(beta),
  );
  return torchCall("clamp", line, "0.0", "1.0");
};

const selu: Row = (node, from) => {
  const { alpha, gamma } = readAttributes(node, { alpha: float(1.67326319), gamma: float(1.05070102) });
  return torchCall("elu", from.tensor(node.inputs[0]), floatText(alpha), floatText(gamma), "1.0");
};

const swish: Row = (node, from) => {
  const { alpha } = readAttributes(node, { alpha: float(1) });
  const x = from.tensor(node.inputs[0]);
  if (alpha === 1) return torchCall("silu", x);
  return torchCall("mul", x, torchCall("sigmoid", torchCall("mul", x, floatText(alpha))));
};

const prelu: Row = ({ inputs: [x, slope] }, from) => {
  const value = from.tensor(x);
  const below = torchCall("mul", from.tensor(slope), value);
  return torchCall("where", torchCall("lt", value, "0.0"), below, value);
};

const thresholded: Row = (node, from) => {
  const { alpha } = readAttributes(node, { alpha: float(1) });
  return torchCall("threshold", from.tensor(node.inputs[0]), floatText(alpha), "0.0");
};

const gelu: Row = (node, from) => {
  const { approximate } = readAttributes(node, { approximate: text("none") });
  return torchCall("gelu", from.tensor(node.inputs[0]), `approximate="${approximate}"`);
};

const alongAxis = (name: string): Row => (node, from) => {
  const { axis } = readAttributes(node, { axis: int(-1) });
  return torchCall(name, from.tensor(node.inputs[0]), axis, "None");
};

const cast: Row = (node, from) => {
  const { to } = readAttributes(node, { to: int() });
  return torchCall("to", from.tensor(node.inputs[0]), scalarTypeOf(dtypes[to]));
};

const isInfinite: Row = (node, from) => {
  const a = readAttributes(node, { detect_positive: int(1), detect_negative: int(1) });
  if (!a.detect_positive && !a.detect_negative) refuse("it detects neither sign");
  const name = a.detect_positive && a.detect_negative ? "isinf" : a.detect_positive ? "isposinf" : "isneginf";
  return torchCall(name, from.tensor(node.inputs[0]));
};

const castLike: Row = ({ inputs: [x, like] }, from) => torchCall("to", from.tensor(x), from.scalarType(like));

const batchNormalization: Row = (node, from) => {
  const { epsilon, training_mode } = readAttributes(node, { epsilon: float(1e-5), training_mode: int(0) });
  if (training_mode) refuse("training_mode is 1, expected 0");
  const [x, scale, offset, mean, variance] = node.inputs.map((name) => from.tensor(name));
  const literals = ["False", "0.0", floatText(epsilon), "True"];
  return torchCall("batch_norm", x, scale, offset, mean, variance, ...literals);
};

const instanceNormalization: Row = (node, from) => {
  const { epsilon } = readAttributes(node, { epsilon: float(1e-5) });
  const [x, scale, offset] = node.inputs.map((name) => from.tensor(name));
  const literals = ["None", "None", "True", "0.0", floatText(epsilon), "True"];
  return torchCall("instance_norm", x, scale, offset, ...literals);
};

const groupNormalization: Row = (node, from) => {
  const { epsilon, num_groups } = readAttributes(node, { epsilon: float(1e-5), num_groups: int() });
  const [x, scale, offset] = node.inputs.map((name) => from.tensor(name));
  return torchCall("group_norm", x, num_groups, scale, offset, floatText(epsilon), "True");
};

/** The sizes of the last axes, from `axis` on. */
function sizesFrom({ inputs: [x] }: Node, axis: number, from: Conversion): string {
  const rank = from.rank(x);
  const first = axis < 0 ? axis + rank : axis;
  return listText(Array.from({ length: rank - first }, (_, i) => from.size(x, first + i)));
}

const isShapeOf = (shape: readonly Dim[] | undefined, expected: readonly Dim[]) =>
  shape?.length === expected.length && shape.every((dim, i) => dim === expected[i]);

const layerNormalization: Row = (node, from) => {
  if (node.outputs.length > 1) refuse("its mean and deviation are read");
  const { axis, epsilon } = readAttributes(node, { axis: int(-1), epsilon: float(1e-5) });
  const [x, scale, offset] = node.inputs.map((name) => name && from.tensor(name));
  const sizes = sizesFrom(node, axis, from);
  const rank = sizes.split(", ").length;
  const last = [floatText(epsilon), "True"];
  const isOwn = node.inputs.slice(1).every((name) =>
    !name || isShapeOf(from.knownShape(name), from.shape(node.inputs[0]).slice(-rank))
  );
  if (isOwn) return torchCall("layer_norm", x, sizes, scale, offset || "None", ...last);
  const scaled = torchCall("mul", torchCall("layer_norm", x, sizes, "None", "None", ...last), scale);
  return offset ? torchCall("add", scaled, offset) : scaled;
};

const lpNormalization: Row = (node, from) => {
  const { axis, p } = readAttributes(node, { axis: int(-1), p: int(2) });
  const x = from.tensor(node.inputs[0]);
  const sum = torchCall(
    "sum",
    p === 2 ? torchCall("mul", x, x) : torchCall("abs", x),
    listText([axis]),
    "True",
  );
  const norm = p === 2 ? torchCall("sqrt", sum) : sum;
  // Nothing but zeros stays so.
  return torchCall(
    "where",
    torchCall("eq", norm, "0.0"),
    torchCall("zeros_like", x),
    torchCall("div", x, norm),
  );
};

const rmsNormalization: Row = (node, from) => {
  const { axis, epsilon } = readAttributes(node, { axis: int(-1), epsilon: float(1e-5) });
  const [x, scale] = node.inputs.map((name) => from.tensor(name));
  return torchCall("rms_norm", x, sizesFrom(node, axis, from), scale, floatText(epsilon));
};

const localResponse: Row = (node, from) => {
  const { alpha, beta, bias, size } = readAttributes(node, {
    alpha: float(1e-4),
    beta: float(0.75),
    bias: float(1),
    size: int(),
  });
  const x = from.tensor(node.inputs[0]);
  if (from.rank(node.inputs[0]) !== 4) refuse("its data do not have 4 dimensions");
  const squares = torchCall("unsqueeze", torchCall("mul", x, x), 1);
  // Channels are the depth of one volume, so that a pool over depth alone averages neighbors.
  const pads = listText([0, 0, 0, 0, Math.floor((size - 1) / 2), Math.ceil((size - 1) / 2)]);
  const padded = torchCall("constant_pad_nd", squares, pads, "0.0");
  const window = [listText([size, 1, 1]), "[1, 1, 1]", "[0, 0, 0]", "False", "True", "None"];
  const mean = torchCall("squeeze", torchCall("avg_pool3d", padded, ...window), 1);
  const base = torchCall("add", torchCall("mul", mean, floatText(alpha)), floatText(bias));
  return torchCall("div", x, torchCall("pow", base, floatText(beta)));
};

const named = (pairs: Readonly<Record<string, string>>): Rows =>
  Object.fromEntries(Object.entries(pairs).map(([opType, name]) => [opType, plain(name)]));

export const unaryRows: Rows = {
  ...named({
    Abs: "abs",
    Acos: "acos",
    Acosh: "acosh",
    Asin: "asin",
    Asinh: "asinh",
    Atan: "atan",
    Atanh: "atanh",
    BitwiseNot: "bitwise_not",
    Ceil: "ceil",
    Cos: "cos",
    Cosh: "cosh",
    Erf: "erf",
    Exp: "exp",
    Floor: "floor",
    HardSwish: "hardswish",
    IsNaN: "isnan",
    Log: "log",
    Mish: "mish",
    Neg: "neg",
    Not: "logical_not",
    Reciprocal: "reciprocal",
    Relu: "relu",
    Round: "round",
    Sigmoid: "sigmoid",
    Sign: "sign",
    Sin: "sin",
    Sinh: "sinh",
    Softplus: "softplus",
    Sqrt: "sqrt",
    Tan: "tan",
    Tanh: "tanh",
  }),
  BatchNormalization: batchNormalization,
  Cast: cast,
  CastLike: castLike,
  Celu: scaled("celu", "alpha", 1),
  Clip: clip,
  Dropout: same,
  Elu: scaled("elu", "alpha", 1),
  Gelu: gelu,
  GroupNormalization: groupNormalization,
  HardSigmoid: hardSigmoid,
  Identity: same,
  InstanceNormalization: instanceNormalization,
  IsInf: isInfinite,
  LRN: localResponse,
  LayerNormalization: layerNormalization,
  LeakyRelu: scaled("leaky_relu", "alpha", 0.01),
  LogSoftmax: alongAxis("log_softmax"),
  LpNormalization: lpNormalization,
  PRelu: prelu,
  RMSNormalization: rmsNormalization,
  Selu: selu,
  Softmax: alongAxis("softmax"),
  Softsign: ({ inputs: [x] }, from) =>
    torchCall("div", from.tensor(x), torchCall("add", torchCall("abs", from.tensor(x)), "1.0")),
  Swish: swish,
  ThresholdedRelu: thresholded,
};
