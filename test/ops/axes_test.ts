// Duplicate axes would be reduced, padded or resized twice: they are refused.
import assert from "node:assert/strict";
import test from "node:test";
import { intAttribute, intsAttribute } from "../../src/graph/attribute.ts";
import type { Attribute } from "../../src/graph/graph.ts";
import { inferShapes } from "../../src/passes/infer_shapes.ts";
import { type Tensor, tensor } from "../../src/tensor/tensor.ts";
import { fill, network, node } from "../passes/network.ts";

const list = (...values: number[]) => tensor("int64", [values.length], values);
const repeated: readonly [
  line: string,
  constants: Record<string, Tensor>,
  attributes?: Record<string, Attribute>,
][] = [
  ["ReduceMean x > y", {}, { axes: intsAttribute([1, 1]) }],
  ["ReduceMax x a > y", { a: list(1, -2) }, { keepdims: intAttribute(0) }],
  ["Squeeze x a > y", { a: list(0, -3) }],
  ["Unsqueeze x a > y", { a: list(0, 0) }],
  ["Pad x p _ a > y", { p: list(1, 1, 1, 1), a: list(2, 2) }],
  ["Resize x _ s > y", { s: fill([2]) }, { axes: intsAttribute([1, 1]) }],
  ["CenterCropPad x s > y", { s: list(1, 1) }, { axes: intsAttribute([1, -2]) }],
];

test("Squeeze: an axis of several elements is a ModelError", () => {
  const graph = network([node("Squeeze x a > y")], { x: [1, 3, 4] }, { a: list(1) }, ["y"]);
  assert.throws(() => inferShapes(graph), {
    name: "ModelError",
    message: /axis 1 has 3 elements, expected 1/,
  });
});

for (const [line, constants, attributes] of repeated) {
  test(`${line.split(" ")[0]}: duplicate axes are a ModelError`, () => {
    const graph = network([node(line, attributes)], { x: [1, 3, 4] }, constants, ["y"], 18);
    assert.throws(() => inferShapes(graph), {
      name: "ModelError",
      message: /expected each axis of \d at most once/,
    });
  });
}
