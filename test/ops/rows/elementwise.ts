// Rows of the elementwise operators, with and without broadcasting.
import type { Attribute } from "../../../src/graph/graph.ts";
import type { Shape } from "../../../src/tensor/shape.ts";
import { type Tensor, tensor } from "../../../src/tensor/tensor.ts";
import { absolute, type Bound, exact, ulps } from "../agreement.ts";
import { dyadic, float, int, type Row, text, valuesBetween } from "../one_node.ts";

const shape = [2, 3, 5, 7];
const ties = tensor("float32", [9], [-2.5, -1.5, -0.5, -0.25, 0.5, 1.5, 2.5, 3.75, 1e9]);

const unary = (
  opType: string,
  within: Bound,
  [low, high] = [-6, 6],
  attributes: Record<string, Attribute> = {},
  opset = 14,
): Row => ({
  opType,
  about: `${low} to ${high}${Object.keys(attributes).map((key) => `, ${key}`).join("")}`,
  attributes,
  inputs: [valuesBetween(shape, low, high)],
  opset,
  within,
});

const fewRoundings = ulps(4, "a few roundings");
/** WGSL 15.7.4: exp is within 3 + 2·|x| ulp, log within 3 ulp or 2^−21 near one. */
const exponential = ulps(16, "WGSL: exp within 3 + 2·|x| ulp", 2 ** -10);
const logarithm = absolute(2 ** -19, "WGSL: log within 2^−21 near one, 3 ulp elsewhere");
/** The relative accuracy of ONNX Runtime's approximations. */
const fitted = absolute(2 ** -19, "fits on both sides, results of a few");
const alpha = (value: number) => ({ alpha: float(value) });

const unaries: Row[] = [
  unary("Relu", exact),
  unary("LeakyRelu", fewRoundings),
  unary("LeakyRelu", fewRoundings, [-6, 6], alpha(0.25)),
  unary("HardSigmoid", ulps(4, "a few roundings of numbers up to one", 1)),
  unary("HardSigmoid", ulps(4, "a few roundings of numbers up to one", 1), [-6, 6], {
    alpha: float(0.5),
    beta: float(0.25),
  }),
  unary("HardSwish", ulps(4, "a few roundings of numbers up to six", 6)),
  unary("Sigmoid", fitted, [-20, 20]),
  unary("Tanh", fitted, [-30, 30]),
  unary("Softplus", absolute(2 ** -17, "an exponential and a logarithm, results up to 30"), [-30, 30]),
  unary("Softsign", fewRoundings),
  unary("Mish", fitted, [-9, 3], {}, 18),
  unary("Swish", fitted, [-9, 3], {}, 24),
  unary("Swish", fitted, [-9, 3], alpha(1.5), 24),
  unary("ThresholdedRelu", exact),
  unary("ThresholdedRelu", exact, [-6, 6], alpha(2.5)),
  unary("Shrink", exact),
  unary("Shrink", fewRoundings, [-6, 6], { lambd: float(1.5), bias: float(1.25) }),
  unary("Shrink", fewRoundings, [-6, 6], { lambd: float(-1.5), bias: float(1.25) }),
  unary("Elu", fitted),
  unary("Elu", fitted, [-6, 6], alpha(2.5)),
  unary("Celu", fitted),
  unary("Celu", fitted, [-6, 6], alpha(2.5)),
  unary("Celu", fitted, [-2, 2], alpha(-2.5)),
  unary("Elu", fitted, [-6, 6], alpha(-2.5)),
  unary("Selu", fitted),
  unary("Selu", fitted, [-6, 6], { alpha: float(1.5), gamma: float(2) }),
  unary("Erf", fitted, [-4, 4]),
  unary("Gelu", absolute(2 ** -18, "fits on both sides, results up to six"), [-6, 6], {}, 20),
  unary("Gelu", absolute(2 ** -18, "fits on both sides, results up to six"), [-6, 6], {
    approximate: text("tanh"),
  }, 20),
  unary("Exp", exponential, [-6, 6]),
  unary("Log", logarithm, [0.001, 9]),
  unary("Sqrt", ulps(3, "WGSL: sqrt is 1 / inverseSqrt, within 2 ulp"), [0, 9]),
  unary("Reciprocal", ulps(3, "WGSL: division within 2.5 ulp"), [0.1, 9]),
  unary("Neg", exact),
  unary("Abs", exact),
  unary("Floor", exact),
  unary("Ceil", exact),
  unary("Sign", exact),
  { ...unary("Round", exact), about: "ties", inputs: [ties] },
  unary("Sin", fitted, [-3000, 3000]),
  unary("Cos", fitted, [-1e7, 1e7]),
  unary("Tan", ulps(16, "a quotient of two fits"), [-1.5, 1.5]),
  unary("Asin", fitted, [-1, 1]),
  unary("Acos", fitted, [-1, 1]),
  unary("Atan", fitted, [-40, 40]),
  unary("Sinh", exponential),
  unary("Cosh", exponential),
  unary("Asinh", fitted, [-40, 40]),
  unary("Acosh", fitted, [1, 40]),
  unary("Atanh", ulps(16, "a logarithm of a quotient", 2 ** -4), [-0.99, 0.99]),
];

const scalar = (value: number) => tensor("float32", [], [value]);
const clip = (about: string, low?: number, high?: number): Row => ({
  opType: "Clip",
  about,
  inputs: [
    valuesBetween(shape, -6, 6),
    low === undefined ? undefined : scalar(low),
    high === undefined ? undefined : scalar(high),
  ],
  within: exact,
});
const clips: Row[] = [
  clip("both bounds", -0.5, 4.5),
  clip("lower bound only", 1),
  clip("upper bound only", undefined, 2),
  clip("no bound"),
  clip("ReLU6", 0, 6),
  { ...clip("bounds that arrive", -0.5, 4.5), fed: [0, 1, 2] },
  { ...clip("a lower bound that arrives", -0.5), fed: [0, 1] },
  { ...clip("bounds that arrive crossed", 2, -1), fed: [0, 1, 2] },
  {
    opType: "Clip",
    about: "opset 6",
    attributes: { min: float(-1), max: float(2) },
    inputs: [valuesBetween(shape, -6, 6)],
    opset: 6,
    within: exact,
  },
  {
    opType: "Clip",
    about: "opset 10, upper bound only",
    attributes: { max: float(2) },
    inputs: [valuesBetween(shape, -6, 6)],
    opset: 10,
    within: exact,
  },
];

const shapes: [string, Shape, Shape][] = [
  ["equal shapes", shape, shape],
  ["a channel vector", shape, [3, 1, 1]],
  ["a scalar", shape, []],
  ["a row", [4, 6], [6]],
  ["both sides stretch", [3, 1, 5], [4, 1]],
  ["the left side is smaller", [7], [2, 3, 5, 7]],
  ["six dimensions", [2, 1, 3, 1, 2, 5], [1, 4, 1, 3, 1, 5]],
  ["one element against one", [1], [1]],
  ["a scalar on the left", [], [2, 3]],
];

const binaryBounds: Record<string, Bound> = {
  Add: exact,
  Sub: exact,
  Mul: exact,
  Max: exact,
  Min: exact,
  Div: ulps(3, "WGSL: division within 2.5 ulp"),
};

const binaries: Row[] = Object.entries(binaryBounds).flatMap(([opType, within]) =>
  shapes.flatMap(([about, a, b]) =>
    [[0, 1], [0]].map((fed): Row => ({
      opType,
      about: `${about}${fed.length === 1 ? ", constant on the right" : ""}`,
      inputs: [dyadic(a), opType === "Div" ? valuesBetween(b, 0.5, 3, 5) : dyadic(b, 5)],
      fed,
      within,
    }))
  )
);

const variadic = (opType: string, about: string, inputs: readonly Tensor[]): Row => ({
  opType,
  about,
  inputs,
  fed: inputs.map((_, i) => i),
  within: opType === "Mean" ? ulps(3, "WGSL: division within 2.5 ulp") : exact,
});

const power = ulps(64, "WGSL: pow is exp2(y · log2(x))", 2 ** -10);
const others: Row[] = [
  {
    opType: "Add",
    about: "a constant on the left",
    inputs: [dyadic([3, 1, 1]), dyadic(shape)],
    fed: [1],
    within: exact,
  },
  {
    opType: "Sub",
    about: "a scalar constant on the left",
    inputs: [scalar(1), dyadic(shape)],
    fed: [1],
    within: exact,
  },
  { opType: "Pow", about: "squares of both signs", inputs: [dyadic(shape), scalar(2)], within: power },
  {
    opType: "Pow",
    about: "cubes of both signs",
    inputs: [valuesBetween(shape, -3, 3), scalar(3)],
    within: power,
  },
  { opType: "Pow", about: "roots", inputs: [valuesBetween(shape, 0.1, 3), scalar(0.5)], within: power },
  {
    opType: "PRelu",
    about: "a slope a channel",
    inputs: [dyadic(shape), dyadic([3, 1, 1], 4)],
    within: exact,
  },
  { opType: "PRelu", about: "one slope", inputs: [dyadic(shape), dyadic([1], 4)], within: exact },
  {
    opType: "Add",
    about: "a channel of eight",
    inputs: [dyadic([1, 8, 3, 3]), dyadic([8, 1, 1])],
    within: exact,
  },
  { opType: "Mul", about: "a [1] constant", inputs: [dyadic(shape), dyadic([1], 3)], within: exact },
  {
    opType: "Add",
    about: "a [1, 1, 1, 1, 1] constant raises the rank",
    inputs: [dyadic([2, 3]), dyadic([1, 1, 1, 1, 1], 3)],
    within: exact,
  },
  {
    opType: "Pow",
    about: "roots of negative numbers",
    inputs: [valuesBetween(shape, -3, 3), scalar(1.5)],
    within: power,
  },
  {
    opType: "Pow",
    about: "exponents of both signs that arrive",
    inputs: [valuesBetween(shape, 0.1, 3), valuesBetween([7], -4, 4, 3)],
    fed: [0, 1],
    within: power,
  },
  {
    opType: "Mod",
    about: "of floats, the sign of the dividend",
    attributes: { fmod: int(1) },
    inputs: [valuesBetween(shape, -900, 900), valuesBetween([5, 7], -7, 7, 3)],
    fed: [0, 1],
    within: exact,
  },
  {
    opType: "Add",
    about: "seven dimensions",
    inputs: [dyadic([2, 1, 3, 2, 2, 3, 2]), dyadic([3, 3, 2, 1, 1, 2], 3)],
    within: exact,
  },
  ...["Sum", "Max", "Min", "Mean"].flatMap((opType) => [
    variadic(opType, "one operand", [dyadic(shape)]),
    variadic(opType, "two operands", [dyadic(shape), dyadic(shape, 3)]),
    variadic(opType, "three operands that stretch", [dyadic([5, 1]), dyadic(shape, 3), dyadic([3, 1, 7], 5)]),
  ]),
  { opType: "Add", about: "opset 7", inputs: [dyadic(shape), dyadic([7], 3)], opset: 7, within: exact },
];

export const elementwiseRows: readonly Row[] = [...unaries, ...clips, ...binaries, ...others];
