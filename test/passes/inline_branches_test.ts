import assert from "node:assert/strict";
import test from "node:test";
import type { Attribute, Graph, Name, Node, Value } from "../../src/graph/graph.ts";
import { verify } from "../../src/graph/verify.ts";
import { decideBranches, inlineBranches } from "../../src/passes/inline_branches.ts";
import { plannedOpset } from "../../src/passes/upgrade_opset.ts";
import { prepare } from "../../src/recipe.ts";
import { type Tensor, tensor } from "../../src/tensor/tensor.ts";
import { distance, network, node, outputsOf, typesOf } from "./network.ts";

const flag = (value: boolean) => tensor("bool", [], [Number(value)]);

function branch(
  nodes: readonly Node[],
  output: Name,
  constants: Readonly<Record<Name, Tensor>> = {},
): Attribute {
  const values = Object.entries(constants).map(([name, constant]): [Name, Value] => [
    name,
    { dtype: constant.dtype, shape: constant.shape, constant },
  ]);
  const ports = { inputs: [], outputs: [output] };
  return {
    type: "graph",
    value: { name: "", nodes, values: new Map(values), ...ports, opset: plannedOpset },
  };
}

const choose = (line: string, then_branch: Attribute, else_branch: Attribute) =>
  node(line, { then_branch, else_branch });
const abs = branch([node("Abs x > out")], "out");
const neg = branch([node("Neg x > out")], "out");

test("inlineBranches leaves branches that no constant decides", () => {
  const graph: Graph = network([choose("If on > y", abs, neg)], { x: [2], on: [] }, {}, ["y"]);
  assert.equal(inlineBranches(graph), graph);
});

test("inlineBranches takes one branch; values of the same name in two of them do not clash", async () => {
  const nodes = [choose("If yes > a", abs, neg), choose("If no > b", abs, neg), node("Add a b > y")];
  const graph = network(nodes, { x: [2] }, { yes: flag(true), no: flag(false) }, ["y"]);
  assert.equal(typesOf(verify(inlineBranches(graph))), "Abs Neg Add");
  const written = network([node("Abs x > a"), node("Neg x > b"), node("Add a b > y")], { x: [2] }, {}, ["y"]);
  assert.equal(distance(await outputsOf(graph), await outputsOf(written)), 0);
});

test("inlineBranches moves constants, and copies values from outside", () => {
  const scaled = branch([node("Mul x two > out")], "out", { two: tensor("float32", [], [2]) });
  const outside = branch([], "x");
  const nodes = [choose("If yes > a", scaled, neg), choose("If yes > b", outside, neg)];
  const graph = verify(inlineBranches(network(nodes, { x: [2] }, { yes: flag(true) }, ["a", "b"])));
  assert.equal(typesOf(graph), "Mul Identity");
  assert.deepEqual(graph.values.get(graph.nodes[0].inputs[1])?.constant, tensor("float32", [], [2]));
});

test("decideBranches continues inside branches, if shapes decide", () => {
  const isSmall = [node("Size x > count"), node("Cast count > some", { to: { type: "int", value: 9n } })];
  const inner = branch([...isSmall, choose("If some > out", abs, neg)], "out");
  const graph = network([choose("If yes > y", inner, neg)], { x: [2] }, { yes: flag(true) }, ["y"]);
  assert.equal(typesOf(verify(decideBranches(graph))), "Abs");
  assert.equal(typesOf(prepare(graph, plannedOpset)), "Abs");
});
