import assert from "node:assert/strict";
import test from "node:test";
import { intAttribute as int } from "../../src/graph/attribute.ts";
import type { Graph, Node } from "../../src/graph/graph.ts";
import { verify } from "../../src/graph/verify.ts";
import { splitConstants } from "../../src/passes/split_constants.ts";
import { distance, fill, network, node, outputsOf } from "./network.ts";

const w = fill([4, 4]);
const b = fill([4], 3);

/** The inputs of each node except the data. */
const readBy = (graph: Graph) => splitConstants(graph).nodes.map(({ inputs }) => inputs.slice(1).join(" "));

type Row = {
  readonly nodes: readonly Node[];
  readonly outputs?: readonly string[];
  readonly read: readonly string[];
};
const rows: Record<string, Row> = {
  "two layers": {
    nodes: [node("Gemm x w b > a"), node("Gemm a w b > y")],
    read: ["w b", "w_copy b_copy"],
  },
  "three layers, of which one alone reads the bias": {
    nodes: [node("MatMul x w > a"), node("MatMul a w > c"), node("Gemm c w b > y")],
    read: ["w", "w_copy", "w_copy_1 b"],
  },
  "a layer, and a sum that is computed in float": {
    nodes: [node("Gemm x w b > a"), node("Add a b > y")],
    read: ["w b_copy", "b"],
  },
  "a layer, and the caller": {
    nodes: [node("Gemm x w b > y")],
    outputs: ["y", "w", "b"],
    read: ["w_copy b_copy"],
  },
  "a table that a layer without a bias multiplies by": {
    nodes: [node("Gather w i > e"), node("MatMul e w > y")],
    read: ["i", "w"],
  },
  "a table that a layer multiplies by, whose bias may widen its scales": {
    nodes: [node("Gather w i > e"), node("Gemm e w b > y")],
    read: ["i", "w_copy b"],
  },
  "one layer each": { nodes: [node("MatMul x w > a"), node("Add a b > y")], read: ["w", "b"] },
};

for (const [what, { nodes, outputs = ["y"], read }] of Object.entries(rows)) {
  test(`splitConstants: ${what}`, async () => {
    const graph = network(nodes, { x: [4, 4] }, { w, b, i: fill([2]) }, outputs);
    assert.deepEqual(readBy(graph), read);
    const split = verify(splitConstants(graph));
    assert.equal(splitConstants(split), split);
    if (nodes.some(({ opType }) => opType === "Gather")) return;
    assert.equal(distance(await outputsOf(graph), await outputsOf(split)), 0);
  });
}

test("splitConstants leaves constants that a nested graph reads", () => {
  const branch = network([node("Add w w > z")], {}, {}, ["z"]);
  const graph = network(
    [
      node("MatMul x w > a"),
      node("If c > d", {
        then_branch: { type: "graph", value: branch },
        else_branch: { type: "graph", value: branch },
      }),
      node("Add a d > y"),
    ],
    { x: [4, 4] },
    { w },
    ["y"],
  );
  const { nodes } = splitConstants(graph);
  assert.deepEqual(nodes[0].inputs, ["x", "w_copy"]);
  assert.deepEqual(nodes[1], graph.nodes[1]);
});

test("splitConstants shares memory between the copies", () => {
  const graph = network([node("Gemm x w > a", { transB: int(1) }), node("Gemm a w > y")], { x: [4, 4] }, {
    w,
  }, ["y"]);
  const { values } = splitConstants(graph);
  assert.equal(values.get("w_copy")!.constant, values.get("w")!.constant);
});
