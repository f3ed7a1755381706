import assert from "node:assert/strict";
import test from "node:test";
import type { Graph } from "../../src/graph/graph.ts";
import { cutGraph, decidingInputs, firstWaiting } from "../../src/passes/cut.ts";
import { specialize } from "../../src/passes/specialize.ts";
import { tensor } from "../../src/tensor/tensor.ts";
import { network, node, typesOf } from "./network.ts";

const sizes = (...values: number[]) => tensor("int64", [values.length], values);

/** The graph with its inputs at the shapes that it states. */
function bound(graph: Graph): Graph {
  return specialize(
    graph,
    new Map(graph.inputs.map((name) => [name, graph.values.get(name)!.shape as number[]])),
  );
}

test("decidingInputs names an input whose elements are a shape, and short lists of integers that it is computed from", () => {
  const direct = bound(network([node("Reshape x s > y")], { x: [6], s: [2] }, {}, ["y"]));
  assert.deepEqual(decidingInputs(direct, false), ["s"]);
  const computed = network([node("Mul half two > s"), node("Reshape x s > y")], { x: [6], half: [2] }, {
    two: sizes(2),
  }, ["y"]);
  assert.deepEqual(decidingInputs(bound(computed), false), []);
  const whole = {
    ...computed,
    values: new Map([...computed.values, ["half", { dtype: "int64", shape: [2] }]]),
  };
  assert.deepEqual(decidingInputs(bound(whole as Graph), false), ["half"]);
});

test("decidingInputs does not name an input of which only the shape counts", () => {
  const nodes = [node("Shape x > s"), node("Mul s two > t"), node("Reshape x t > y")];
  const graph = bound(network(nodes, { x: [6] }, { two: sizes(1) }, ["y"]));
  assert.deepEqual(decidingInputs(graph, false), []);
  assert.equal(firstWaiting(graph), undefined);
});

test("decidingInputs leaves data alone: matrices, and what the host looks at", () => {
  const nodes = [node("ReduceMax x axis > s"), node("Reshape z s > y"), node("NonZero z > places")];
  const graph = bound(network(nodes, { x: [2, 1], z: [6] }, { axis: sizes(1) }, ["y", "places"]));
  assert.deepEqual(decidingInputs(graph, false), []);
  assert.deepEqual(decidingInputs(graph, true), ["z"]);
});

test("decidingInputs refuses a shape of 4,097 elements", () => {
  const graph = bound(network([node("Reshape x s > y")], { x: [6], s: [4097] }, {}, ["y"]));
  assert.throws(
    () => decidingInputs(graph, false),
    /depend on the 4097 elements of "s", expected at most 4096$/,
  );
});

test("cutGraph plans what waiting nodes need and outputs that are due, and leaves the rest for later", () => {
  const nodes = [
    node("Abs x > a"),
    node("NonZero a > places"),
    node("Neg a > b"),
    node("Transpose places > rows"),
    node("GatherND b rows > found"),
    node("Exp x > late"),
  ];
  const { ready, hosted, rest } = cutGraph(bound(network(nodes, { x: [2, 3] }, {}, ["found", "late", "x"])));
  assert.equal(typesOf(ready!), "Abs Exp");
  assert.deepEqual(ready!.outputs, ["a", "late"]);
  assert.deepEqual(hosted.map(({ opType }) => opType), ["NonZero"]);
  assert.equal(typesOf(rest), "Neg Transpose GatherND");
  assert.deepEqual(rest.inputs, ["a", "places"]);
  assert.deepEqual(rest.outputs, ["found"]);
});
