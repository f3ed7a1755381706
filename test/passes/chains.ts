// Random chains of operators over lists whose lengths depend on the data: filters, ranges, branches and loops, as one
// model for ONNX Runtime and for the runner.
import fc from "fast-check";
import { intAttribute } from "../../src/graph/attribute.ts";
import type { Attribute, Graph, Name, Node, Value } from "../../src/graph/graph.ts";
import { type Tensor, tensor } from "../../src/tensor/tensor.ts";
import { node } from "./network.ts";

/** Of any length: a name would imply that all are equally long. */
const list: Value = { dtype: "float32", shape: [""] };
const count: Value = { dtype: "int64", shape: [] };
const flag: Value = { dtype: "bool", shape: [] };

function body(nodes: readonly Node[], inputs: Record<Name, Value>, outputs: Record<Name, Value>): Attribute {
  const values = new Map([...Object.entries(inputs), ...Object.entries(outputs)]);
  const ports = { inputs: Object.keys(inputs), outputs: Object.keys(outputs) };
  return { type: "graph", value: { name: "body", nodes, values, ...ports, opset: 17 } };
}

const scalar = (keepdims: Record<string, Attribute> = {}) => ({ keepdims: intAttribute(0), ...keepdims });
const along = { axis: intAttribute(0) };
const to = (code: number) => ({ to: intAttribute(code) });

/** The number of positive elements of `x`, as int64 `k`. */
const counting = (x: Name, k: Name): Node[] => [
  node(`Greater ${x} zero > ${k}_above`),
  node(`Cast ${k}_above > ${k}_ones`, to(7)),
  node(`ReduceSum ${k}_ones first > ${k}`, scalar()),
];

/** Nodes that compute the list y from the list x. */
const links: Readonly<Record<string, (x: Name, y: Name) => Node[]>> = {
  negate: (x, y) => [node(`Neg ${x} > ${y}`)],
  shift: (x, y) => [node(`Add ${x} quarter > ${y}`)],
  twice: (x, y) => [node(`Abs ${x} > ${y}_abs`), node(`Concat ${x} ${y}_abs > ${y}`, along)],
  filter: (x, y) => [
    node(`Greater ${x} zero > ${y}_above`),
    node(`Compress ${x} ${y}_above > ${y}`, along),
  ],
  places: (x, y) => [
    node(`NonZero ${x} > ${y}_places`),
    node(`Squeeze ${y}_places first > ${y}_list`),
    node(`Cast ${y}_list > ${y}`, to(1)),
  ],
  range: (x, y) => [
    ...counting(x, `${y}_k`),
    node(`Range none ${y}_k one > ${y}_range`),
    node(`Cast ${y}_range > ${y}_float`, to(1)),
    node(`Sub ${y}_float quarter > ${y}`),
  ],
  branch: (x, y) => [
    node(`ReduceSum ${x} first > ${y}_sum`, scalar()),
    node(`Greater ${y}_sum zero > ${y}_on`),
    node(`If ${y}_on > ${y}`, {
      then_branch: body([node(`Neg ${x} > ${y}_then`)], {}, { [`${y}_then`]: list }),
      else_branch: body([node(`Concat ${x} ${x} > ${y}_else`, along)], {}, { [`${y}_else`]: list }),
    }),
  ],
  loop: (x, y) => [
    ...counting(x, `${y}_k`),
    node(`Min ${y}_k two > ${y}_most`),
    node(`Loop ${y}_most _ ${x} > ${y}`, {
      body: body(
        [node(`Add s quarter > half`), node(`Concat half ${x} > t`, along), node("Identity on > again")],
        { i: count, on: flag, s: list },
        { again: flag, t: list },
      ),
    }),
  ],
};

const constants: Readonly<Record<Name, Tensor>> = {
  zero: tensor("float32", [], [0]),
  quarter: tensor("float32", [], [0.25]),
  none: tensor("int64", [], [0]),
  one: tensor("int64", [], [1]),
  two: tensor("int64", [], [2]),
  first: tensor("int64", [1], [0]),
};

export type Chain = { readonly graph: Graph; readonly feeds: ReadonlyMap<Name, Tensor> };

export const chains: fc.Arbitrary<Chain> = fc.record({
  names: fc.array(fc.constantFrom(...Object.keys(links)), { minLength: 1, maxLength: 6 }),
  values: fc.array(fc.integer({ min: -8, max: 8 }), { minLength: 1, maxLength: 9 }),
}).map(({ names, values }) => {
  const lists = ["x", ...names.map((name, i) => `${name}${i}`)];
  const outputs = lists.slice(1);
  const fixed = Object.entries(constants).map(([name, constant]): [Name, Value] => [
    name,
    { dtype: constant.dtype, shape: constant.shape, constant },
  ]);
  const graph = {
    name: "chain",
    // A matrix, because input lists could be taken for sizes.
    nodes: [node("Squeeze rows first > x"), ...names.flatMap((name, i) => links[name](lists[i], outputs[i]))],
    values: new Map<Name, Value>([["rows", { dtype: "float32", shape: [1, ""] }], ...fixed]),
    inputs: ["rows"],
    outputs,
    opset: 17,
  };
  const rows = tensor("float32", [1, values.length], values.map((v) => v / 4));
  return { graph, feeds: new Map([["rows", rows]]) };
});
