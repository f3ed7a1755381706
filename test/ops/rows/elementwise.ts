// Rows of the elementwise operators, with and without broadcasting.
import type { Attribute } from "../../../src/graph/graph.ts";
import type { Shape } from "../../../src/tensor/shape.ts";
import { tensor } from "../../../src/tensor/tensor.ts";
import { absolute, type Bound, exact, ulps } from "../agreement.ts";
import { dyadic, float, type Row, spread } from "../one_node.ts";

const shape = [2, 3, 5, 7];

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
  inputs: [spread(shape, low, high)],
  opset,
  within,
});

const fewRoundings = ulps(4, "a few roundings");
/** WGSL 15.7.4: exp is within 3 + 2·|x| ulp, log within 3 ulp or 2^−21 near one, tanh and sigmoid are made of exp. */
const exponential = ulps(16, "WGSL: exp within 3 + 2·|x| ulp", 2 ** -10);
const logarithm = absolute(2 ** -19, "WGSL: log within 2^−21 near one, 3 ulp elsewhere");
const hyperbolic = absolute(2 ** -18, "tanh from two exponentials, results below one");

const unaries: Row[] = [
  unary("Relu", exact),
  unary("LeakyRelu", fewRoundings),
  unary("LeakyRelu", fewRoundings, [-6, 6], { alpha: float(0.25) }),
  unary("HardSigmoid", ulps(4, "a few roundings of numbers up to one", 1)),
  unary("HardSigmoid", ulps(4, "a few roundings of numbers up to one", 1), [-6, 6], {
    alpha: float(0.5),
    beta: float(0.25),
  }),
  unary("HardSwish", ulps(4, "a few roundings of numbers up to six", 6)),
  unary("Sigmoid", hyperbolic, [-20, 20]),
  unary("Tanh", hyperbolic, [-30, 30]),
  unary("Exp", exponential, [-6, 6]),
  unary("Log", logarithm, [0.001, 9]),
  unary("Sqrt", ulps(3, "WGSL: sqrt is 1 / inverseSqrt, within 2 ulp"), [0, 9]),
  unary("Reciprocal", ulps(3, "WGSL: division within 2.5 ulp"), [0.1, 9]),
  unary("Neg", exact),
  unary("Abs", exact),
  unary("Floor", exact),
  unary("Ceil", exact),
];

const scalar = (value: number) => tensor("float32", [], [value]);
const clip = (about: string, low?: number, high?: number): Row => ({
  opType: "Clip",
  about,
  inputs: [
    spread(shape, -6, 6),
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
  {
    opType: "Clip",
    about: "opset 6",
    attributes: { min: float(-1), max: float(2) },
    inputs: [spread(shape, -6, 6)],
    opset: 6,
    within: exact,
  },
  {
    opType: "Clip",
    about: "opset 10, upper bound only",
    attributes: { max: float(2) },
    inputs: [spread(shape, -6, 6)],
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
      inputs: [dyadic(a), opType === "Div" ? spread(b, 0.5, 3, 5) : dyadic(b, 5)],
      fed,
      within,
    }))
  )
);

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
  { opType: "Pow", about: "cubes of both signs", inputs: [spread(shape, -3, 3), scalar(3)], within: power },
  { opType: "Pow", about: "roots", inputs: [spread(shape, 0.1, 3), scalar(0.5)], within: power },
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
  { opType: "Add", about: "opset 7", inputs: [dyadic(shape), dyadic([7], 3)], opset: 7, within: exact },
];

export const elementwiseRows: readonly Row[] = [...unaries, ...clips, ...binaries, ...others];
