// Which operators of XIR a DPU runs: with which rule, never, or always.
import { activation, add, hardActivation, leakyRelu, mul } from "./rules/elementwise.ts";
import { conv2d, conv3d, transposedConv2d, transposedConv3d } from "./rules/convolution.ts";
import { depthwiseConv2d, transposedDepthwiseConv2d } from "./rules/depthwise.ts";
import { matmul } from "./rules/matmul.ts";
import { pad, resize } from "./rules/moves.ts";
import { averagePool, maxPool } from "./rules/pool.ts";
import type { Rule } from "./rules/rule.ts";
import type { XirOp } from "../xir/graph.ts";

const always: Rule = () => undefined;

/** By type. */
export const rules: Readonly<Record<string, Rule>> = {
  conv2d,
  "depthwise-conv2d": depthwiseConv2d,
  "transposed-conv2d": transposedConv2d,
  "transposed-depthwise-conv2d": transposedDepthwiseConv2d,
  conv3d,
  "depthwise-conv3d": conv3d,
  "transposed-conv3d": transposedConv3d,
  "transposed-depthwise-conv3d": transposedConv3d,
  maxpool2d: maxPool,
  avgpool2d: averagePool,
  add,
  mul,
  matmul,
  resize,
  pad,
  relu: always,
  relu6: activation,
  "leaky-relu": leakyRelu,
  "hard-sigmoid": hardActivation,
  "hard-swish": hardActivation,
  concat: always,
  reshape: always,
  flatten: always,
  squeeze: always,
  "pixel-shuffle": always,
  reduction_mean: always,
  reduction_max: always,
  scale: always,
  softmax: always,
};

/** Operators that no DPU runs, by type, with what to use instead. */
export const never: Readonly<Record<string, string>> = {
  transpose: "move it to the start or the end of the model, or leave it out",
  sigmoid: "use hard-sigmoid instead",
  tanh: "use a hard-sigmoid or relu6 instead",
  "hard-tanh": "use relu6 instead",
  reduction_sum: "use a mean and scale what follows by the number of values",
  strided_slice: "use a 1 x 1 pool with a stride instead of steps, or two convolutions instead of two parts",
  neg: "negate the weights of the convolution in front",
  exp: "move it to the end of the model",
  sub: "negate the weights of the convolution in front and add",
  div: "multiply by the reciprocal if the divisor is constant",
};

/** How to do without a permute that conversion inserts. */
export const withoutLayout: Readonly<Record<NonNullable<XirOp["layout"]>, string>> = {
  "NHWC to NCHW":
    "add a permute(0, 2, 3, 1) there to the float model: both cancel out (see the hints on top)",
  "NCHW to NHWC":
    "add a permute(0, 3, 1, 2) there to the float model: both cancel out (see the hints on top)",
};

/** What to use instead of operators that XIR has, but no DPU. */
export const instead: Readonly<Record<string, string>> = {
  swish: "use hard-swish instead (--hard-swish, with --opset 14 or later)",
  mish: "use hard-swish instead",
  gelu: "use hard-swish or relu instead",
  prelu: "use leaky-relu with a slope of 0.1015625, or relu",
  elu: "use relu instead",
  celu: "use relu instead",
  selu: "use relu instead",
  conv1d: "use a convolution in two dimensions with a height of 1",
  maxpool1d: "use a pool in two dimensions with a height of 1",
  min: "use relu6 if it cuts off at 6",
  max: "use relu if it cuts off at 0",
};

/** How the inspector of Vitis AI calls a type of XIR in messages. */
export const spokenName: Readonly<Record<string, string>> = { transpose: "permute", reduction_sum: "sum" };
