import assert from "node:assert/strict";
import test from "node:test";
import { floatAttribute, intAttribute, intsAttribute, tensorAttribute } from "../../src/graph/attribute.ts";
import type { Node } from "../../src/graph/graph.ts";
import { holdConstants } from "../../src/passes/hold_constants.ts";
import { prepare } from "../../src/recipe.ts";
import { choosePoints } from "../../src/quantize/points.ts";
import { distance, fill, network, node, outputsOf } from "./network.ts";

const constant = (name: string, attributes: Parameters<typeof node>[1]): Node => ({
  ...node(`Constant > ${name}`, attributes),
  inputs: [],
});

test("holdConstants: weights in Constant nodes are found without folding", async () => {
  const graph = network(
    [
      constant("w", { value: tensorAttribute(fill([4, 5])) }),
      constant("k", { value_float: floatAttribute(0.5) }),
      node("MatMul x w > a"),
      node("Mul a k > y"),
    ],
    { x: [3, 4] },
    {},
    ["y"],
    11,
  );
  const held = holdConstants(graph);
  assert.deepEqual(held.nodes.map(({ opType }) => opType), ["MatMul", "Mul"]);
  assert.equal(distance(await outputsOf(graph), await outputsOf(held)), 0);
  assert.deepEqual(choosePoints(prepare(graph, 10), () => undefined).weights.map(({ name }) => name), ["w"]);
});

test("holdConstants: weights that an old file computes from constants are found, whatever computes them", async () => {
  const graph = network(
    [
      constant("k", { value: tensorAttribute(fill([2, 5, 4])) }),
      node("Squeeze half > one", { axes: intsAttribute([0]) }),
      node("Split k > first second", { axis: intAttribute(0) }),
      node("Squeeze first > f", { axes: intsAttribute([0]) }),
      node("Add one f > sum"),
      node("Transpose sum > w", { perm: intsAttribute([1, 0]) }),
      node("MatMul x w > a"),
      node("Squeeze second > s", { axes: intsAttribute([0]) }),
      node("MatMul a s > b"),
      node("Unsqueeze b > y", { axes: intsAttribute([0]) }),
    ],
    { x: [3, 4] },
    { half: fill([1, 5, 4]) },
    ["y"],
    9,
  );
  const held = holdConstants(graph);
  assert.deepEqual(held.nodes.map(({ opType }) => opType), ["MatMul", "MatMul", "Unsqueeze"]);
  assert.equal(held.opset, 9);
  assert.equal(distance(await outputsOf(graph), await outputsOf(held)), 0);
  assert.equal(choosePoints(prepare(graph, 11), () => undefined).weights.length, 2);
});

test("holdConstants leaves a Constant whose result the caller reads", () => {
  const graph = network([constant("y", { value: tensorAttribute(fill([4])) })], {}, {}, ["y"], 11);
  assert.equal(holdConstants(graph), graph);
});
