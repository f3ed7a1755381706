// Networks whose control flow or shapes depend on data: loops, branches, numbers of rows.
import { intAttribute, intsAttribute } from "../../src/graph/attribute.ts";
import type { Attribute, Graph, Name, Node, Value } from "../../src/graph/graph.ts";
import { type Tensor, tensor } from "../../src/tensor/tensor.ts";
import { fill, network, node } from "../passes/network.ts";

type Dims = (number | string)[];
export const float = (shape?: Dims): Value => ({ dtype: "float32", shape });
const axisIs = (axis: number) => ({ axis: intAttribute(axis) });
const whole = (...values: number[]) => tensor("int64", [values.length], values);
export const one = (value: number) => tensor("float32", [], [value]);

export function body(nodes: Node[], inputs: Record<Name, Value>, outputs: Record<Name, Value>): Attribute {
  const values = new Map([...Object.entries(inputs), ...Object.entries(outputs)]);
  const names = { inputs: Object.keys(inputs), outputs: Object.keys(outputs) };
  return { type: "graph", value: { name: "body", nodes, values, ...names, opset: 17 } };
}

export function model(
  nodes: Node[],
  x: Dims,
  constants: Record<Name, Tensor>,
  outputs: Record<Name, Value>,
): Graph {
  const graph = network(nodes, {}, constants, Object.keys(outputs), 17);
  const values = new Map([...graph.values, ["x", float(x)] as const, ...Object.entries(outputs)]);
  return { ...graph, inputs: ["x"], values };
}

export const convolutions = {
  w: fill([4, 3, 3, 3], 3),
  b: fill([4], 5),
  w2: fill([4, 4, 3, 3], 7),
  zero: one(0),
  limit: one(60),
  two: one(2),
};
export const image: Dims = ["N", 3, 8, 8];
const keep = { keepdims: intAttribute(0) };

/** Doubles what comes in until its largest element is above the limit. */
const doubling = body(
  [node("Mul s two > t"), node("ReduceMax t > most", keep), node("Less most limit > on")],
  { i: { dtype: "int64", shape: [] }, c: { dtype: "bool", shape: [] }, s: float() },
  { on: { dtype: "bool", shape: [] }, t: float() },
);
const branches = {
  then_branch: body([node("Relu c > then")], {}, { then: float() }),
  else_branch: body([node("Conv c w2 > e"), node("Neg e > f"), node("Concat c f > g", axisIs(3))], {}, {
    g: float(),
  }),
};
const detector = [
  node("Conv x w b > c"),
  node("Relu c > r"),
  node("Conv r u > o"),
  node("Reshape o cells > flat"),
  node("Transpose flat > rows", { perm: intsAttribute([0, 2, 1]) }),
  node("Split rows parts > boxes columns", axisIs(2)),
  node("Transpose columns > scores", { perm: intsAttribute([0, 2, 1]) }),
  node("NonMaxSuppression boxes scores most iou least > selected"),
];
const detecting = {
  ...{ w: convolutions.w, b: convolutions.b, u: fill([6, 4, 1, 1], 9) },
  ...{ cells: whole(1, 6, 36), parts: whole(4, 2), most: whole(5), iou: one(0.5), least: one(0.1) },
  ...{ places: tensor("int64", [], [2]), front: whole(0), gain: one(3) },
};
const indices: Value = { dtype: "int64", shape: ["K", 3] };

type Row = {
  about: string;
  graph: Graph;
  feeds: readonly Tensor[];
  /** Nodes on codes. */
  quantized: readonly string[];
  /** Decibels of each float output. */
  least: number;
};
const pictures = (batch: number) =>
  Array.from({ length: 4 }, (_, i) => fill([batch, 3, 8, 8], 11 + 31 * i, i < 2 ? -1 : -0.6, 1));
export const rows: Row[] = [
  {
    about: "a Loop between convolutions, until data say stop",
    graph: model(
      [
        node("Conv x w b > c"),
        node("Relu c > r"),
        node("Loop forever _ r > l", { body: doubling }),
        node("Conv l w2 > d"),
        node("Relu d > e"),
        node("ReduceMean e > y", { axes: intsAttribute([2, 3]) }),
      ],
      image,
      { ...convolutions, forever: tensor("int64", [], [9]) },
      { y: float(["N", 4, 1, 1]) },
    ),
    feeds: pictures(2),
    quantized: ["c", "d"],
    least: 30,
  },
  {
    about: "an If whose branches have two shapes, and a convolution behind it",
    graph: model(
      [
        node("Conv x w b > c", { pads: intsAttribute([1, 1, 1, 1]) }),
        node("ReduceMean x > m", keep),
        node("Greater m limit > is"),
        node("If is > p", branches),
        node("Conv p w2 > y"),
      ],
      image,
      { ...convolutions, limit: one(0.1), w2: fill([4, 4, 1, 1], 7) },
      { y: float(["N", 4, "H", "W"]) },
    ),
    feeds: pictures(1),
    quantized: ["c", "y"],
    least: 25,
  },
  {
    about: "NonZero, Gather, and a layer for the rows that are found",
    graph: model(
      [
        node("Gemm x v > h"),
        node("Relu h > r"),
        node("ReduceSum r last > s", keep),
        node("Greater s limit > is"),
        node("NonZero is > places"),
        node("Squeeze places first > list"),
        node("Gather r list > found", axisIs(0)),
        node("Gemm found v2 > y"),
      ],
      ["N", 8],
      {
        ...{ v: fill([8, 6], 3), v2: fill([6, 3], 5), limit: one(1.5) },
        ...{ last: whole(1), first: whole(0) },
      },
      { y: float(["K", 3]) },
    ),
    feeds: Array.from({ length: 4 }, (_, i) => fill([6, 8], 13 + 57 * i)),
    quantized: ["h", "y"],
    least: 30,
  },
  {
    about: "NonMaxSuppression at the end",
    graph: model(detector, [1, 3, 8, 8], detecting, { selected: indices, boxes: float([1, 36, 4]) }),
    feeds: pictures(1),
    quantized: ["c", "o"],
    least: 30,
  },
  {
    about: "NonMaxSuppression, and the boxes that it selects",
    graph: model(
      [
        ...detector,
        node("Gather selected places > which", axisIs(1)),
        node("Squeeze boxes front > list"),
        node("Gather list which > found", axisIs(0)),
        node("Mul found gain > y"),
      ],
      [1, 3, 8, 8],
      detecting,
      { boxes: float([1, 36, 4]), y: float(["K", 4]) },
    ),
    feeds: pictures(1),
    quantized: ["c", "o"],
    // A box that is dropped by rounding moves all later ones.
    least: 10,
  },
];
