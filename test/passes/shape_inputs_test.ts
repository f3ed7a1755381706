import assert from "node:assert/strict";
import test from "node:test";
import { shapeInputs } from "../../src/passes/shape_inputs.ts";
import { tensor } from "../../src/tensor/tensor.ts";
import { network, node } from "./network.ts";

test("shapeInputs names an input whose elements are a shape", () => {
  const graph = network([node("Reshape x s > y")], { x: [6], s: [2] }, {}, ["y"]);
  assert.deepEqual(shapeInputs(graph), ["s"]);
});

test("shapeInputs does not name an input of which only the shape counts", () => {
  const nodes = [node("Shape x > s"), node("Mul s two > t"), node("Reshape x t > y")];
  const graph = network(nodes, { x: [6] }, { two: tensor("int64", [1], [1]) }, ["y"]);
  assert.deepEqual(shapeInputs(graph), []);
});
