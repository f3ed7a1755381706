import assert from "node:assert/strict";
import test from "node:test";
import {
  floatAttribute,
  intAttribute,
  intsAttribute,
  tensorAttribute,
  textAttribute,
} from "../../src/graph/attribute.ts";
import { withValues } from "../../src/graph/edit.ts";
import { printGraph } from "../../src/graph/print.ts";
import { tensor } from "../../src/tensor/tensor.ts";
import { toyBody, toyGraph, toyNode } from "./toy.ts";

test("printGraph: one line per node, shortest float32, exact int64, nested graphs indented", () => {
  const largest = tensor("int64", [2], [2n ** 63n - 1n, -1]);
  const graph = toyGraph(
    toyNode("Constant > c", { value: tensorAttribute(largest) }),
    toyNode("Clip x _ c > y extra", {
      strides: intsAttribute([2, -1]),
      epsilon: floatAttribute(Math.fround(1e-5)),
      auto_pad: textAttribute("NOTSET"),
      group: intAttribute(1),
    }),
    { ...toyNode("If y > z", { then_branch: toyBody("Neg w > i") }), domain: "vendor" },
  );
  const many = tensor("float32", [3, 3], new Array(9).fill(0));
  assert.equal(
    printGraph(withValues(graph, [
      ["y", { dtype: "float32", shape: ["N", "", 3] }],
      ["z", { dtype: "bool" }],
      ["m", { dtype: "float32", shape: [3, 3], constant: many }],
    ])),
    `graph "toy" opset 13
input x: float32[N, 1]
const w: float32[1] {1}
const v: float32[1] {2}
const m: float32[3, 3]
c = Constant() value=int64[2] {9223372036854775807, -1}
y: float32[N, ?, 3], extra = Clip(x, _, c) auto_pad="NOTSET" epsilon=0.00001 group=1 strides=[2, -1]
z: bool = vendor.If(y) then_branch={…}
  then_branch:
  graph "toy" opset 13
  i = Neg(w)
  output i
output z: bool
`,
  );
});
