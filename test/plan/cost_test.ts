import assert from "node:assert/strict";
import test from "node:test";
import { planOf, random } from "./toy_plan.ts";
import { toyNode } from "../graph/toy.ts";
import { intsAttribute } from "../../src/graph/attribute.ts";
import { costOf, deviceBytes } from "../../src/plan/cost.ts";

const { plan } = planOf({
  nodes: [toyNode("Conv x w > c", { pads: intsAttribute([1, 1, 1, 1]) }), "Relu c > r", "Add r c > y"],
  feeds: { x: random([1, 4, 8, 8]) },
  constants: { w: random([8, 4, 3, 3], 1) },
  outputs: ["y"],
});

test("costOf: a convolution's multiplications and additions, and every buffer once", () => {
  const call = plan.calls.find(({ kernel }) => kernel.stem === "conv2d_tiled")!;
  const { operations, bytes, integer } = costOf(plan, call);
  assert.equal(operations, 2 * 64 * 8 * 4 * 9);
  // x, the weights as they are packed, y.
  assert.equal(bytes, 4 * (64 * 4 + 8 * 4 * 9 + 64 * 8));
  assert.equal(integer, false);
});

test("costOf: a kernel that mostly moves data has no operations", () => {
  const call = plan.calls.find(({ kernel }) => kernel.stem === "to_channels_last")!;
  assert.deepEqual(costOf(plan, call), { integer: false, operations: 0, bytes: 2 * 4 * 64 * 4 });
});

test("calls have the node they were lowered from, layout conversions, too", () => {
  assert.ok(plan.calls.every(({ node }) => node !== undefined));
  const conv = plan.calls.filter(({ node }) => node?.type === "Conv").map(({ kernel }) => kernel.stem);
  assert.deepEqual(conv, ["to_channels_last", "conv2d_tiled"]);
});

test("deviceBytes: the arena, and the constants that calls read", () => {
  assert.deepEqual(deviceBytes(plan), { arena: plan.arenaBytes, constants: 4 * 8 * 4 * 9 });
});
