import assert from "node:assert/strict";
import test from "node:test";
import { floatAttribute, tensorAttribute } from "../../src/graph/attribute.ts";
import type { Node } from "../../src/graph/graph.ts";
import { holdConstants } from "../../src/passes/hold_constants.ts";
import { prepare } from "../../src/recipe.ts";
import { choosePoints } from "../../src/quantize/points.ts";
import { distance, filled, network, node, outputsOf } from "./network.ts";

const constant = (name: string, attributes: Parameters<typeof node>[1]): Node => ({
  ...node(`Constant > ${name}`, attributes),
  inputs: [],
});

test("holdConstants: weights in Constant nodes are found where nothing is folded", async () => {
  const graph = network(
    [
      constant("w", { value: tensorAttribute(filled([4, 5])) }),
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

test("holdConstants leaves a Constant whose result the caller reads", () => {
  const graph = network([constant("y", { value: tensorAttribute(filled([4])) })], {}, {}, ["y"], 11);
  assert.equal(holdConstants(graph), graph);
});
