// Malformed nodes: each kind of fault is a ModelError that names the node, what was found and what was expected.
import assert from "node:assert/strict";
import test from "node:test";
import { floatAttribute, intAttribute, intsAttribute, textAttribute } from "../../../src/graph/attribute.ts";
import { ModelError, UnsupportedError } from "../../../src/error.ts";
import type { Graph } from "../../../src/graph/graph.ts";
import { checkNodes } from "../../../src/ops/schema/check.ts";
import { checkModel } from "../../../src/passes/check_model.ts";
import { tensor } from "../../../src/tensor/tensor.ts";
import { fill, network, node } from "../../passes/network.ts";

const picture = { x: [1, 2, 4, 4] };
const whole = tensor("int64", [1], [1]);
const weight = fill([3, 2, 3, 3]);

const faults: readonly [about: string, graph: Graph, where: string, message: RegExp][] = [
  [
    "a required input is absent",
    one("Conv x > y"),
    "Conv",
    /its input 1 \(W\) is absent, expected 2 inputs or more/,
  ],
  ["a required input is empty", one("Conv x _ > y"), "Conv", /its input 1 \(W\) is absent/],
  ["no input at all", one("NonZero > y"), "NonZero", /its input 0 \(X\) is absent/],
  ["too many inputs", one("Relu x x > y"), "Relu", /it has 2 inputs, expected at most 1/],
  [
    "a list with a gap",
    one("Concat x _ x > y", { axis: intAttribute(1) }),
    "Concat",
    /input 1 \(inputs\) is absent/,
  ],
  ["too many outputs", one("Relu x > y z"), "Relu", /it has 2 outputs, expected at most 1/],
  [
    "a required output is absent",
    one("TopK x k > y", {}, { k: whole }),
    "TopK",
    /output 1 \(Indices\) is absent/,
  ],
  [
    "mixed types",
    one("Add x k > y", {}, { k: whole }),
    "Add",
    /input 1 \(B, "k"\) is int64, expected float32, as input 0/,
  ],
  [
    "a type that the operator does not take",
    one("Sigmoid k > y", {}, { k: whole }),
    "Sigmoid",
    /is int64, expected float32, float16/,
  ],
  [
    "indices that are floats",
    one("Gather x x > y"),
    "Gather",
    /input 1 .* is float32, expected int32, int64/,
  ],
  [
    "an attribute that it has not",
    one("Relu x > y", { alpha: floatAttribute(1) }),
    "Relu",
    /"alpha" .* expected none/,
  ],
  [
    "an attribute of a later opset",
    one("Dropout x > y", { ratio: floatAttribute(0.5) }),
    "Dropout",
    /"ratio" that version 13/,
  ],
  [
    "an attribute of another type",
    one("Concat x x > y", { axis: textAttribute("1") }),
    "Concat",
    /"axis" is string, expected int/,
  ],
  ["a required attribute is absent", one("Concat x x > y"), "Concat", /"axis" is absent, expected int/],
  [
    "a type that is none",
    one("Cast x > y", { to: intAttribute(99) }),
    "Cast",
    /"to" is 99, expected the code of float32/,
  ],
  [
    "an operator before its time",
    one("HardSwish x > y"),
    "HardSwish",
    /since opset 14, .* found a model of opset 13/,
  ],
  [
    "an operator after its time",
    one("Upsample x s > y", {}, { s: fill([4]) }),
    "Upsample",
    /withdrew it in opset 10/,
  ],
  [
    "a type from an earlier node",
    network([node("Shape x > s"), node("Mul x s > y")], picture, {}, ["y"]),
    "Mul",
    /input 1 \(B, "s"\) is int64/,
  ],
  [
    "a type that an attribute states",
    network([node("Cast x > c", { to: intAttribute(7) }), node("Add x c > y")], picture, {}, ["y"]),
    "Add",
    /input 1 \(B, "c"\) is int64/,
  ],
  [
    "another type than the file states",
    stating(network([node("Shape x > y")], picture, {}, ["y"])),
    "Shape",
    /output 0 \("y"\) is int64, expected float32, as the file states it/,
  ],
];

function one(line: string, attributes = {}, constants = {}): Graph {
  return network([node(line, attributes)], picture, constants, ["y"]);
}

function stating(graph: Graph): Graph {
  return { ...graph, values: new Map(graph.values).set("y", { dtype: "float32", shape: [4] }) };
}

for (const [about, graph, where, message] of faults) {
  test(`${about}: a ModelError names the node`, () => {
    assert.throws(() => checkNodes(graph), (error) => {
      assert.ok(error instanceof ModelError);
      assert.match(error.message, message);
      assert.match(error.message, /^Cannot use the node: .*, expected /);
      return error.where[0].startsWith(where);
    });
  });
}

test("nested graphs see types from outside, and are checked", () => {
  const body = network([node("Add x k > b")], {}, {}, ["b"]);
  const branch = { type: "graph", value: body } as const;
  const graph = network([node("If c > y", { then_branch: branch, else_branch: branch })], picture, {
    c: tensor("bool", [], [1]),
    k: whole,
  }, ["y"]);
  assert.throws(() => checkNodes(graph), /input 1 \(B, "k"\) is int64/);
});

test("a loop whose body returns fewer values than it carries is refused", () => {
  const body = { ...network([node("Identity c > d")], {}, {}, ["d"]), inputs: ["i", "c", "v"] };
  const graph = network([node("Loop _ c x > y", { body: { type: "graph", value: body } })], picture, {
    c: tensor("bool", [], [1]),
  }, ["y"]);
  assert.throws(() => checkNodes(graph), /its body has 1 outputs, expected 2 or more/);
});

test("functions are checked where they are called", () => {
  const body = network([node("Add a b > c")], {}, {}, ["c"]);
  const called = { name: "twice", domain: "own", overload: "", defaults: new Map() };
  const graph: Graph = {
    ...network([{ ...node("twice x k > y"), domain: "own" }], picture, { k: whole }, ["y"]),
    functions: [{ ...called, body: { ...body, inputs: ["a", "b"] } }],
  };
  assert.equal(checkNodes(graph), graph);
  assert.throws(() => checkModel(graph), /is int64, expected float32/);
});

test("an input without a type is refused by name", () => {
  const graph = one("Relu x > y");
  const typeless = { ...graph, values: new Map([["x", { dtype: "undefined" as const }]]) };
  assert.throws(
    () => checkNodes(typeless),
    (error) => error instanceof UnsupportedError && /"x"/.test(error.message),
  );
});

test("what ONNX allows passes: absent options, other domains, internal attributes, references", () => {
  const free = { ...node("Whatever x x x > y", { any: intAttribute(1) }), domain: "com.example" };
  const graph = network(
    [
      node("Conv x w > c", { kernel_shape: intsAttribute([3, 3]), __kept__: intAttribute(1) }),
      node("Clip c _ k > d"),
      free,
    ],
    picture,
    { w: weight, k: fill([]) },
    ["y"],
  );
  assert.equal(checkNodes(graph), graph);
});
