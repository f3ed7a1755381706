// Rows of If, Loop and Scan: nested graphs that read values from outside, conditions and counts that are inputs.
import type { Attribute, Graph, Name, Node, Value } from "../../../src/graph/graph.ts";
import { type Tensor, tensor } from "../../../src/tensor/tensor.ts";
import { node } from "../../passes/network.ts";
import { exact } from "../agreement.ts";
import { dyadic, int, ints, type Row, whole } from "../one_node.ts";

type Ports = Readonly<Record<Name, Value>>;
const float = (...shape: (number | string)[]): Value => ({ dtype: "float32", shape });
const count: Value = { dtype: "int64", shape: [] };
const flag: Value = { dtype: "bool", shape: [] };
const bool = (value: boolean) => tensor("bool", [], [Number(value)]);

/** A nested graph; values that it reads but does not define come from outside. */
function body(
  lines: readonly (string | Node)[],
  inputs: Ports,
  outputs: Ports,
  constants: Readonly<Record<Name, Tensor>> = {},
): Attribute {
  const fixed = Object.entries(constants).map(([name, constant]): [Name, Value] => [
    name,
    { dtype: constant.dtype, shape: constant.shape, constant },
  ]);
  const value: Graph = {
    name: "body",
    nodes: lines.map((line) => typeof line === "string" ? node(line) : line),
    values: new Map([...Object.entries(inputs), ...Object.entries(outputs), ...fixed]),
    inputs: Object.keys(inputs),
    outputs: Object.keys(outputs),
    opset: 13,
  };
  return { type: "graph", value };
}

const branches = {
  then_branch: body(["Mul x1 two > doubled", "Add doubled x1 > then"], {}, { then: float("n") }, {
    two: tensor("float32", [], [2]),
  }),
  else_branch: body(["Concat x1 x1 > else"].map((line) => node(line, { axis: int(0) })), {}, {
    else: float("m"),
  }),
};
const choice = (about: string, condition: boolean, fed: readonly number[]): Row => ({
  opType: "If",
  about,
  inputs: [bool(condition)],
  outside: [dyadic([5])],
  fed,
  attributes: branches,
  within: exact,
});

/** s ← s + x1 · i, and collects s; optionally only while s is small. */
const adding = body(
  ["Cast i > k", "Mul x3 k > step", "Add s step > t", "Identity t > seen", "Identity on > again"].map((
    line,
  ) => line.startsWith("Cast") ? node(line, { to: int(1) }) : node(line)),
  { i: count, on: flag, s: float("n") },
  { again: flag, t: float("n"), seen: float(3) },
);
const loop = (about: string, most: Tensor | undefined, more: Partial<Row> = {}): Row => ({
  opType: "Loop",
  about,
  inputs: [most, bool(true), dyadic([3])],
  outside: [dyadic([3], 7)],
  fed: [0, 2, 3],
  attributes: { body: adding },
  outputs: 2,
  within: exact,
  ...more,
});

const growing = body(
  [
    node("Concat s piece > t", { axis: int(0) }),
    node("Shape t > size"),
    node("ReduceSum size > total", { keepdims: int(0) }),
    node("Cast i > k", { to: int(1) }),
    node("Sub k last > left"),
    node("Cast left > again", { to: int(9) }),
  ],
  { i: count, on: flag, s: float("n") },
  { again: flag, t: float("m"), total: count },
  { last: tensor("float32", [], [3]), piece: dyadic([2], 3) },
);

const summing = body(["Add s x > t", "Identity t > y"], { s: float(2), x: float(2) }, {
  t: float(2),
  y: float(2),
});
const scan = (about: string, attributes: Row["attributes"], x: Tensor, body = summing): Row => ({
  opType: "Scan",
  about,
  inputs: [dyadic([2]), x],
  fed: [0, 1],
  attributes: { body, num_scan_inputs: int(1), ...attributes },
  outputs: 2,
  within: exact,
});

export const controlRows: readonly Row[] = [
  choice("a constant takes one branch", true, [1]),
  choice("a constant takes the other branch", false, [1]),
  choice("data take one branch", true, [0, 1]),
  choice("data take the other branch, of another shape", false, [0, 1]),
  loop("counts to a number that arrives with the data", whole([4], [])),
  loop("counts to a constant", whole([3], []), { fed: [2, 3] }),
  loop("runs not once", whole([0], []), {
    outputs: 1,
    attributes: {
      body: body(
        ["Identity on > again", "Add s x3 > t"],
        { i: count, on: flag, s: float("n") },
        { again: flag, t: float("n") },
      ),
    },
  }),
  loop("is not entered", whole([4], []), {
    inputs: [whole([4], []), bool(false), dyadic([3])],
    fed: [0, 1, 2, 3],
  }),
  {
    opType: "Loop",
    about: "goes on until its body says no, and what it carries grows",
    inputs: [undefined, bool(true), dyadic([1])],
    fed: [2],
    attributes: { body: growing },
    outputs: 2,
    within: exact,
  },
  scan("sums the rows", {}, dyadic([4, 2], 5)),
  scan("goes backwards", { scan_input_directions: ints([1]) }, dyadic([4, 2], 5)),
  scan("lays its results out backwards", { scan_output_directions: ints([1]) }, dyadic([4, 2], 5)),
  scan(
    "sums columns into columns",
    { scan_input_axes: ints([1]), scan_output_axes: ints([-1]) },
    dyadic([2, 5], 5),
  ),
];
