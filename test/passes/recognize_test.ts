// Subgraphs are recognized by their values, in any order; those that only resemble a pattern are left alone.
import assert from "node:assert/strict";
import test from "node:test";
import { countRecognized, recognize } from "../../src/passes/recognize.ts";
import { downgradeOps } from "../../src/passes/unfuse.ts";
import { distance, network, node, outputsOf, typesOf } from "./network.ts";
import { graphOfLines, others, patterns } from "./patterns.ts";

for (const [name, { graph, types }] of Object.entries(patterns)) {
  test(`recognize: ${name}`, async () => {
    const found = recognize(graph);
    assert.equal(typesOf(found), types);
    assert.deepEqual(countRecognized(graph, found), { [types]: 1 });
    // Constants of four digits change a result by 4e-6.
    assert.ok(distance(await outputsOf(found), await outputsOf(graph)) < 5e-6);
    assert.ok(distance(await outputsOf(downgradeOps(found)), await outputsOf(graph)) < 5e-6);
  });
}

for (const [name, graph] of Object.entries(others)) {
  test(`recognize leaves alone: ${name}`, () => assert.equal(recognize(graph), graph));
}

test("a comparison of two elements is not a normalization, although that yields ±1, too", () => {
  const graph = network([node("Tanh x > t"), node("Hardmax t > y")], { x: [2, 3, 2] }, {}, ["y"], 13);
  assert.equal(typesOf(recognize(graph)), "Tanh Hardmax");
});

test("a pattern within a larger one belongs to it, and two in a row are two", () => {
  const two = "Sigmoid x > s|Mul x s > a|Div a root > b|Erf b > e|Add e one > f|Mul a f > g|Mul g half > y";
  assert.equal(typesOf(recognize(graphOfLines(two.split("|")))), "Swish Gelu");
});

test("operators are downgraded if the opset does not have them, or ONNX Runtime has no kernel", () => {
  const gelu = graphOfLines(
    "Div x root > b|Erf b > e|Add e one > f|Mul x f > g|Mul g half > y".split("|"),
    13,
  );
  assert.equal(typesOf(recognize(gelu)), "Gelu");
  assert.notEqual(typesOf(downgradeOps(recognize(gelu))), "Gelu");
  const young = { ...recognize(gelu), opset: 20 };
  assert.equal(downgradeOps(young), young);
  const silu = graphOfLines(["Sigmoid x > s", "Mul x s > y"], 13);
  for (const opset of [13, 24]) {
    assert.equal(typesOf(downgradeOps({ ...recognize(silu), opset })), "Sigmoid Mul");
  }
});

test("a pattern with a node that must stay is not replaced, whichever node it is", () => {
  for (const [about, { graph }] of Object.entries(patterns)) {
    for (const kept of graph.nodes) {
      const left = recognize(graph, (node) => node === kept);
      assert.ok(left.nodes.includes(kept), `${about}: ${kept.opType} ${kept.outputs}`);
    }
  }
});
