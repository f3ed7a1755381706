import assert from "node:assert/strict";
import test from "node:test";
import { intAttribute } from "../../src/graph/attribute.ts";
import { verify } from "../../src/graph/verify.ts";
import { upgradeOpset } from "../../src/passes/upgrade_opset.ts";
import { network, node, typesOf } from "./network.ts";

test("upgradeOpset flattens around a softmax that normalizes several axes, whatever the shape", () => {
  const softmax = node("Softmax x > y", { axis: intAttribute(1) });
  const graph = network([softmax], { x: [2, 3, 4] }, {}, ["y"], 11);
  assert.equal(typesOf(verify(upgradeOpset(13)(graph))), "Shape Flatten Softmax Reshape");
});

test("upgradeOpset keeps a softmax along the last axis as one node", () => {
  const softmax = node("Softmax x > y", { axis: intAttribute(-1) });
  const graph = network([softmax], { x: [2, 3, 4] }, {}, ["y"], 11);
  assert.equal(typesOf(verify(upgradeOpset(13)(graph))), "Softmax");
});
