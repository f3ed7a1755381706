import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { capturesOf, sortNodes, usesOf } from "../../src/graph/order.ts";
import { verify } from "../../src/graph/verify.ts";
import { toyBody, toyGraph, toyNode } from "./toy.ts";

const outputNames = (graph: ReturnType<typeof toyGraph>) =>
  graph.nodes.map((node) => node.outputs[0]).join(" ");

test("sortNodes: returns a sorted graph itself", () => {
  const graph = toyGraph("Neg x > a", "Neg x > b", "Add a b > c");
  assert.equal(sortNodes(graph), graph);
});

test("sortNodes: a node moves only to before the first that needs it", () => {
  const graph = toyGraph("Neg x > a", "Add a late > b", "Neg x > c", "Neg a > late", "Add b c > d");
  assert.equal(outputNames(sortNodes(graph)), "a late b c d");
});

test("sortNodes: reads of nested graphs count", () => {
  const graph = toyGraph(toyNode("If x > z", { then_branch: toyBody("Neg late > i") }), "Neg x > late");
  assert.equal(outputNames(sortNodes(graph)), "late z");
});

test("sortNodes: names the nodes of a cycle in order, and nested cycles", () => {
  const cycle = toyGraph("Neg x > n", "Add n c > a", "Neg a > b", "Neg b > c");
  assert.throws(() => sortNodes(cycle), /: Add "a" → Neg "b" → Neg "c" → Add "a" is a cycle, expected/);
  const nested = toyGraph(toyNode("If x > z", { then_branch: toyBody("Neg z > i") }));
  assert.throws(() => sortNodes(nested), /If "z" → If "z" is a cycle/);
});

test("sortNodes: any shuffle of a well-formed graph sorts to a well-formed graph of the same nodes", () => {
  const reads = fc.array(fc.array(fc.nat(), { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 20 });
  fc.assert(fc.property(reads, fc.infiniteStream(fc.nat()), (reads, keys) => {
    const lines = reads.map((read, i) =>
      `Sum ${read.map((r) => i === 0 ? "x" : `v${r % i}`).join(" ")} > v${i}`
    );
    const graph = { ...toyGraph(...lines), values: new Map() };
    const shuffled = graph.nodes.map((node) => ({ node, key: keys.next().value! })).sort((a, b) =>
      a.key - b.key
    );
    const sorted = verify(sortNodes({ ...graph, nodes: shuffled.map(({ node }) => node) }));
    assert.deepEqual(new Set(sorted.nodes), new Set(graph.nodes));
  }));
});

test("usesOf, capturesOf: nested graphs read what they do not define", () => {
  const inner = toyBody("Neg outer > i", "Add i deep > j");
  const node = toyNode("If x _ > z", { then_branch: inner });
  assert.deepEqual(usesOf(node), ["x", "outer", "deep"]);
  assert.deepEqual(inner.type === "graph" && capturesOf(inner.value), ["outer", "deep"]);
});
