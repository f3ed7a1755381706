// Functions and normalizations as exporters write them: nodes, constants, and the operator that they compute.
import { floatAttribute, intAttribute, intsAttribute } from "../../src/graph/attribute.ts";
import type { Attribute, Graph, Name, Node } from "../../src/graph/graph.ts";
import { type Tensor, tensor } from "../../src/tensor/tensor.ts";
import { fill, network, node } from "./network.ts";

export type Written = { readonly graph: Graph; readonly types: string };

const numbers: Record<Name, number> = {
  ...{ zero: 0, half: 0.5, one: 1, two: 2, three: 3, six: 6, sixth: 1 / 6, third: 3 },
  ...{ rough: 0.166667, root: Math.SQRT2, inverse: Math.SQRT1_2, short: 0.7071, quick: 1.702, tenth: 0.1 },
  ...{ cubic: 0.044715, slope: 0.7978845608, slim: 0.79788, minus: -0.5, tiny: 1e-5, most: 1e-12 },
};
const constants: Record<Name, Tensor> = {
  ...Object.fromEntries(
    Object.entries(numbers).map(([name, value]) => [name, tensor("float32", [], [value])]),
  ),
  list: tensor("float32", [1], [3]),
  picture: tensor("float32", [1, 1, 1, 1], [6]),
  plane: tensor("float32", [1, 1, 1], [6]),
  whole: tensor("int64", [], [2]),
  gamma: fill([6], 5, 0.5, 2),
  beta: fill([6], 9),
  axis: tensor("int64", [1], [-1]),
};

type Line = string | [string, Record<string, Attribute>];

export function graphOfLines(lines: readonly Line[], opset = 13, outputs = ["y"]): Graph {
  const nodes: Node[] = lines.map((line) => typeof line === "string" ? node(line) : node(...line));
  const read = new Set(nodes.flatMap(({ inputs }) => inputs));
  const used = Object.fromEntries(Object.entries(constants).filter(([name]) => read.has(name)));
  const inputs = Object.fromEntries(
    ["x", "z"].filter((name) => read.has(name)).map((name) => [name, [2, 4, 6]]),
  );
  return network(nodes, inputs, used, outputs, opset);
}

const gate = "Add x three > a|Clip a zero six > c";
const row = (text: string, types: string, opset?: number): Written => ({
  graph: graphOfLines(text.split("|"), opset),
  types,
});

const alpha = (value: number) => ({ alpha: floatAttribute(value) });
const mean = (line: string): Line => [line, { axes: intsAttribute([-1]), keepdims: intAttribute(1) }];
const deviation: Line[] = [
  mean("ReduceMean x > m"),
  "Sub x m > d",
  "Pow d two > p",
  mean("ReduceMean p > v"),
];
const size: Line[] = ["Add v tiny > e", "Sqrt e > s"];
const lines = (all: readonly Line[], types: string, opset?: number): Written => ({
  graph: graphOfLines(all, opset),
  types,
});

export const patterns: Readonly<Record<string, Written>> = {
  "HardSwish, product then quotient": row(`${gate}|Mul x c > p|Div p six > y`, "HardSwish"),
  "HardSwish, product then factor": row(`${gate}|Mul c x > p|Mul p sixth > y`, "HardSwish"),
  "HardSwish, factor first": row(`${gate}|Mul sixth c > p|Mul p x > y`, "HardSwish"),
  "HardSwish, quotient first": row(`${gate}|Div c six > p|Mul x p > y`, "HardSwish"),
  "HardSwish, x divided": row(`${gate}|Div x six > p|Mul p c > y`, "HardSwish"),
  "HardSwish, six digits": row(`${gate}|Mul x c > p|Mul p rough > y`, "HardSwish"),
  "HardSwish, constants of other ranks": row(
    "Add list x > a|Clip a zero six > c|Mul x c > p|Div p plane > y",
    "HardSwish",
  ),
  "HardSwish, Relu and Min": row(
    "Add x three > a|Relu a > r|Min r six > c|Mul x c > p|Div p six > y",
    "HardSwish",
  ),
  "HardSwish, Max and Min": row(
    "Add x three > a|Max a zero > r|Min six r > c|Mul x c > p|Div p six > y",
    "HardSwish",
  ),
  "HardSwish, HardSigmoid and Mul": lines(
    [["HardSigmoid x > g", { alpha: floatAttribute(1 / 6), beta: floatAttribute(0.5) }], "Mul x g > y"],
    "HardSwish",
  ),
  "HardSigmoid, a clip of a line": row("Mul x tenth > a|Add a half > b|Clip b zero one > y", "HardSigmoid"),
  "HardSigmoid, a sixth of a clip": row(`${gate}|Div c six > y`, "HardSigmoid"),
  "SiLU": row("Sigmoid x > s|Mul x s > y", "Swish"),
  "SiLU, by an exponential": row("Neg x > n|Exp n > e|Add e one > q|Div x q > y", "Swish"),
  "QuickGelu": row("Mul x quick > a|Sigmoid a > s|Mul x s > y", "Swish"),
  "Mish": row("Softplus x > s|Tanh s > t|Mul x t > y", "Mish"),
  "Mish, by logarithm": row("Exp x > e|Add e one > q|Log q > s|Tanh s > t|Mul t x > y", "Mish"),
  "Gelu, as PyTorch writes it": row(
    "Div x root > a|Erf a > e|Add e one > f|Mul x f > g|Mul g half > y",
    "Gelu",
  ),
  "Gelu, half of x first": row(
    "Mul x inverse > a|Erf a > e|Add one e > f|Mul half x > h|Mul h f > y",
    "Gelu",
  ),
  "Gelu, half of the rest": row(
    "Div x root > a|Erf a > e|Mul half e > f|Add f half > g|Mul x g > y",
    "Gelu",
  ),
  "Gelu, four digits": row("Mul x short > a|Erf a > e|Add e one > f|Mul x f > g|Mul g half > y", "Gelu"),
  "Gelu by tanh": row(
    "Pow x three > c|Mul c cubic > k|Add x k > i|Mul i slope > j|Tanh j > t|Add t one > f|Mul x f > g|Mul g half > y",
    "Gelu",
  ),
  "Gelu by tanh, products": row(
    "Mul x x > q|Mul q x > c|Mul cubic c > k|Add x k > i|Mul i slim > j|Tanh j > t|Add one t > f|Mul half x > h|" +
      "Mul h f > y",
    "Gelu",
  ),
  "LeakyRelu, the larger of two": row("Mul x tenth > a|Max a x > y", "LeakyRelu"),
  "LayerNormalization": lines(
    [...deviation, ...size, "Div d s > n", "Mul n gamma > g", "Add g beta > y"],
    "LayerNormalization",
  ),
  "LayerNormalization, operands turned round": lines(
    [...deviation, "Add tiny v > e", "Sqrt e > s", "Div d s > n", "Mul gamma n > g", "Add beta g > y"],
    "LayerNormalization",
  ),
  "LayerNormalization, two differences": lines(
    [
      mean("ReduceMean x > m"),
      "Sub x m > d",
      "Sub x m > w",
      "Mul w w > p",
      mean("ReduceMean p > v"),
      ...size,
      "Div d s > n",
      "Mul n gamma > g",
      "Add g beta > y",
    ],
    "LayerNormalization",
  ),
  "LayerNormalization as Keras writes it": lines(
    [
      ...deviation,
      ...size,
      "Reciprocal s > r",
      "Mul r gamma > k",
      "Mul x k > i",
      "Mul m k > j",
      "Sub beta j > o",
      "Add i o > y",
    ],
    "LayerNormalization",
  ),
  "LayerNormalization without a bias": lines(
    [...deviation, ...size, "Div d s > n", "Mul n gamma > y"],
    "LayerNormalization",
  ),
  "LayerNormalization without weights": lines([...deviation, ...size, "Div d s > y"], "LayerNormalization"),
  "LayerNormalization, axes as an input": lines(
    [
      "ReduceMean x axis > m",
      "Sub x m > d",
      "Pow d whole > p",
      "ReduceMean p axis > v",
      ...size,
      "Div d s > n",
      "Mul n gamma > g",
      "Add g beta > y",
    ],
    "LayerNormalization",
    18,
  ),
  "RMSNormalization": lines(
    ["Pow x two > p", mean("ReduceMean p > v"), ...size, "Div x s > n", "Mul gamma n > y"],
    "RMSNormalization",
  ),
  "RMSNormalization by a reciprocal": lines(
    ["Mul x x > p", mean("ReduceMean p > v"), ...size, "Div one s > r", "Mul x r > n", "Mul n gamma > y"],
    "RMSNormalization",
  ),
  "LpNormalization": lines(
    [mean("ReduceL2 x > l"), "Max l most > s", "Div x s > y"],
    "LpNormalization",
  ),
};

/** Subgraphs that only resemble a pattern, and patterns with other readers. */
export const others: Readonly<Record<string, Graph>> = {
  "a fifth of HardSwish's product": graphOfLines(`${gate}|Mul x c > p|Mul p half > y`.split("|")),
  "another's gate": graphOfLines("Add z three > a|Clip a zero six > c|Mul x c > p|Div p six > y".split("|")),
  "another's sigmoid": graphOfLines("Sigmoid z > s|Mul x s > y".split("|")),
  "an inner value that is an output": graphOfLines("Sigmoid x > s|Mul x s > y".split("|"), 13, ["y", "s"]),
  "an inner value that another reads": graphOfLines("Sigmoid x > s|Mul x s > y|Sqrt s > w".split("|"), 13, [
    "y",
    "w",
  ]),
  "a result of a higher rank": graphOfLines(`${gate}|Mul x c > p|Div p picture > y`.split("|")),
  "a clip alone": graphOfLines(["Clip x zero one > y"]),
  "a shift and a clip that ends elsewhere": graphOfLines(["Add x three > a", "Clip a zero six > y"]),
  "a mean along another axis": graphOfLines([
    ["ReduceMean x > m", { axes: intsAttribute([1]) }],
    "Sub x m > d",
    "Pow d two > p",
    ["ReduceMean p > v", { axes: intsAttribute([1]) }],
    ...size,
    "Div d s > n",
    "Mul n gamma > y",
  ]),
  "a deviation with its ε outside": graphOfLines([
    ...deviation,
    "Sqrt v > q",
    "Add q tenth > s",
    "Div d s > n",
    "Mul n gamma > y",
  ]),
  "three quarters of a Gelu": graphOfLines(
    "Div x root > a|Erf a > e|Add e one > f|Mul x f > y".split("|"),
  ),
  "one operator already": graphOfLines([["LeakyRelu x > y", alpha(0.1)]]),
};
