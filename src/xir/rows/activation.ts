// Elementwise functions of one operand.
import type { Node } from "../../graph/graph.ts";
import { int, readAttributes, text } from "../../ops/declare/op.ts";
import { affineOf } from "../../passes/fold_batchnorm.ts";
import { normalAxis } from "../../tensor/shape.ts";
import { numbers, tensor } from "../../tensor/tensor.ts";
import { axisIn } from "../layout.ts";
import type { Conversion, Made } from "../conversion.ts";
import type { XirValue } from "../graph.ts";
import { scalar } from "../conversion.ts";
import { refuse, type Refused, type Row, type Rows } from "./row.ts";

/** One operator on the node's first input, in the layout that this has. */
export function onFirst(
  { inputs: [x] }: Node,
  from: Conversion,
  type: string,
  attributes: Record<string, XirValue> = {},
): Made {
  const layout = from.meet([x]);
  return { type, attributes, inputs: { input: [from.read(x, layout)] }, layout };
}

const plain = (type: string): Row => (node, from) => onFirst(node, from, type);

function number({ attributes }: Node, key: string, otherwise: number): number {
  const found = attributes.get(key);
  return found?.type === "float" ? found.value : otherwise;
}

/** XIR has the function for one value of the attributes only. */
function onlyWith(
  type: string,
  wanted: Readonly<Record<string, [otherwise: number, expected: number]>>,
): Row {
  return (node, from) => {
    for (const [key, [otherwise, expected]] of Object.entries(wanted)) {
      const value = number(node, key, otherwise);
      if (Math.abs(value - expected) <= 1e-5 * Math.abs(expected)) continue;
      return refuse(`${key} is ${value}, but ${type} of XIR has ${expected}`);
    }
    return onFirst(node, from, type);
  };
}

const leakyRelu: Row = (node, from) =>
  onFirst(node, from, "leaky-relu", { alpha: number(node, "alpha", 0.01) });

const prelu: Row = (node, from) => {
  const [x, slope] = node.inputs;
  const rank = from.shape(x).length;
  const held = from.constant(slope);
  if (!held) return refuse("its slopes are not constant");
  const layout = from.meet([x]);
  const weight = from.read(slope, layout, rank);
  const length = from.shapeOf(weight);
  if (length.length > 1) {
    return refuse(`its slopes are of shape [${from.shape(slope)}], expected one per channel`);
  }
  return { type: "prelu", inputs: { input: [from.read(x, layout)], weight: [weight] }, layout };
};

/** Clip: relu, relu6, or a maximum and a minimum. */
function clip(node: Node, from: Conversion): Made | Refused | "same" {
  const [x, ...bounds] = node.inputs;
  const [low, high] = [0, 1].map((i) => {
    if (!bounds[i]) return i === 0 ? -Infinity : Infinity;
    const constant = from.constant(bounds[i]);
    return constant ? numbers(constant.tensor)[0] : NaN;
  });
  if (Number.isNaN(low) || Number.isNaN(high)) return refuse("its bounds are not constant");
  const most = 3e38;
  if (low === 0 && high >= most) return onFirst(node, from, "relu");
  if (low === 0 && high === 6) return onFirst(node, from, "relu6");
  if (low === -1 && high === 1) return onFirst(node, from, "hard-tanh");
  if (low <= -most && high >= most) return "same";
  const layout = from.meet([x]);
  const read = from.read(x, layout);
  const holdBound = (value: number) =>
    from.hold({ name: `${node.outputs[0]}_bound`, tensor: scalar(value) }, `${value}`);
  if (high >= most) return { type: "max", inputs: { input: [read, holdBound(low)] }, layout };
  if (low <= -most) return { type: "min", inputs: { input: [read, holdBound(high)] }, layout };
  const raised = from.add(`${node.name || node.outputs[0]}_max`, {
    type: "max",
    inputs: { input: [read, holdBound(low)] },
    shape: from.shapeOf(read),
  });
  return { type: "min", inputs: { input: [raised, holdBound(high)] }, layout };
}

const gelu: Row = (node, from) => {
  const { approximate } = readAttributes(node, { approximate: text("none") });
  return approximate === "none"
    ? onFirst(node, from, "gelu")
    : refuse(`approximate is "${approximate}", but gelu of XIR has "none"`);
};

const softmax: Row = (node, from) => {
  const [x] = node.inputs;
  const rank = from.shape(x).length;
  const { axis } = readAttributes(node, { axis: int(-1) });
  const layout = from.meet([x]);
  return onFirst(node, from, "softmax", { axis: axisIn(normalAxis(axis, rank), rank, layout) });
};

/** A normalization that no convolution absorbed: scale and offset per channel. */
const batchNormalization: Row = (node, from) => {
  const [x] = node.inputs;
  const rank = from.shape(x).length;
  if (rank !== 2 && rank !== 4) return refuse(`its data have ${rank} dimensions, expected 2 or 4`);
  const affine = affineOf((name) => from.constant(name)?.tensor, node);
  if (!affine) return refuse("its statistics are not constant");
  const layout = rank === 4 ? "last" : "plain";
  const vector = (key: "gain" | "shift") => {
    const values = Float32Array.from(affine[key]);
    return from.hold({
      name: `${node.outputs[0]}_${key}`,
      tensor: tensor("float32", [values.length], values),
    }, key);
  };
  const inputs = { input: [from.read(x, layout)], scale: [vector("gain")], bias: [vector("shift")] };
  return { type: "scale", attributes: { axis: -1 }, inputs, layout };
};

/** Every tensor is float32, which holds integers too; fractions would have to be cut off. */
const cast: Row = ({ inputs: [x], outputs: [y] }, from) => {
  const [before, after] = [x, y].map((name) => from.graph.values.get(name)!.dtype);
  return /int|bool/.test(before) && /float/.test(after) || before === after
    ? "same"
    : refuse(`it converts ${before} to ${after}, but every tensor is float32`);
};

export const activationRows: Rows = {
  Relu: plain("relu"),
  Clip: clip,
  LeakyRelu: leakyRelu,
  PRelu: prelu,
  Sigmoid: plain("sigmoid"),
  Tanh: plain("tanh"),
  HardSigmoid: onlyWith("hard-sigmoid", { alpha: [0.2, 1 / 6], beta: [0.5, 0.5] }),
  HardSwish: plain("hard-swish"),
  Swish: onlyWith("swish", { alpha: [1, 1] }),
  Mish: plain("mish"),
  Elu: (node, from) => onFirst(node, from, "elu", { alpha: number(node, "alpha", 1) }),
  Celu: (node, from) => onFirst(node, from, "celu", { alpha: number(node, "alpha", 1) }),
  Selu: onlyWith("selu", { alpha: [1.6732632, 1.6732632], gamma: [1.050701, 1.050701] }),
  Gelu: gelu,
  Exp: plain("exp"),
  Neg: plain("neg"),
  Softmax: softmax,
  BatchNormalization: batchNormalization,
  Cast: cast,
  Identity: () => "same",
  Dropout: ({ outputs: [, mask] }) => mask ? refuse("XIR has no mask of a dropout") : "same",
};
