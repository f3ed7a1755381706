import assert from "node:assert/strict";
import test from "node:test";
import { intAttribute } from "../../src/graph/attribute.ts";
import type { Attribute, Graph } from "../../src/graph/graph.ts";
import { cutGraph, decidingInputs, firstWaiting, partsOf } from "../../src/run/cut.ts";
import { specialize } from "../../src/passes/specialize.ts";
import { tensor } from "../../src/tensor/tensor.ts";
import { network, node, typesOf } from "../passes/network.ts";

const sizes = (...values: number[]) => tensor("int64", [values.length], values);

/** The graph with its inputs at the shapes that it states. */
function bindInputs(graph: Graph): Graph {
  return specialize(
    graph,
    new Map(graph.inputs.map((name) => [name, graph.values.get(name)!.shape as number[]])),
  );
}

test("decidingInputs names an input whose elements are a shape, and short lists of integers from which one is computed", () => {
  const direct = bindInputs(network([node("Reshape x s > y")], { x: [6], s: [2] }, {}, ["y"]));
  assert.deepEqual(decidingInputs(direct, false), ["s"]);
  const computed = network([node("Mul half two > s"), node("Reshape x s > y")], { x: [6], half: [2] }, {
    two: sizes(2),
  }, ["y"]);
  assert.deepEqual(decidingInputs(bindInputs(computed), false), []);
  const whole = {
    ...computed,
    values: new Map([...computed.values, ["half", { dtype: "int64", shape: [2] }]]),
  };
  assert.deepEqual(decidingInputs(bindInputs(whole as Graph), false), ["half"]);
});

test("decidingInputs does not name an input of which only the shape is used", () => {
  const nodes = [node("Shape x > s"), node("Mul s two > t"), node("Reshape x t > y")];
  const graph = bindInputs(network(nodes, { x: [6] }, { two: sizes(1) }, ["y"]));
  assert.deepEqual(decidingInputs(graph, false), []);
  assert.equal(firstWaiting(graph), undefined);
});

test("decidingInputs leaves data alone: matrices, and inputs of host nodes", () => {
  const nodes = [node("ReduceMax x axis > s"), node("Reshape z s > y"), node("NonZero z > places")];
  const graph = bindInputs(network(nodes, { x: [2, 1], z: [6] }, { axis: sizes(1) }, ["y", "places"]));
  assert.deepEqual(decidingInputs(graph, false), []);
  assert.deepEqual(decidingInputs(graph, true), ["z"]);
});

test("decidingInputs refuses a shape of 4,097 elements", () => {
  const graph = bindInputs(network([node("Reshape x s > y")], { x: [6], s: [4097] }, {}, ["y"]));
  assert.throws(
    () => decidingInputs(graph, false),
    /depend on the 4097 elements of "s", expected at most 4096$/,
  );
});

test("cutGraph plans the inputs of waiting nodes and outputs that can be computed, and leaves the rest for later", () => {
  const nodes = [
    node("Abs x > a"),
    node("NonZero a > places"),
    node("Neg a > b"),
    node("Transpose places > rows"),
    node("GatherND b rows > found"),
    node("Exp x > late"),
  ];
  const { ready, hosted, rest } = cutGraph(
    bindInputs(network(nodes, { x: [2, 3] }, {}, ["found", "late", "x"])),
  );
  assert.equal(typesOf(ready!), "Abs Exp");
  assert.deepEqual(ready!.outputs, ["a", "late"]);
  assert.deepEqual(hosted.map(({ opType }) => opType), ["NonZero"]);
  assert.equal(typesOf(rest), "Neg Transpose GatherND");
  assert.deepEqual(rest.inputs, ["a", "places"]);
  assert.deepEqual(rest.outputs, ["found"]);
});

test("partsOf divides a chain of nodes that wait for the host once", () => {
  const nodes = [
    node("NonZero x > a"),
    node("Abs x > early"),
    node("NonZero a > b"),
    node("Neg a > c"),
    node("NonZero b > d"),
    node("Concat d a > y", { axis: intAttribute(0) }),
  ];
  const parts = partsOf(network(nodes, { x: [2, 3] }, {}, ["y", "early", "c"]));
  assert.deepEqual(parts.map(typesOf), ["NonZero Abs", "NonZero Neg", "NonZero", "Concat"]);
  assert.deepEqual(parts.map(({ inputs, outputs }) => `${inputs} > ${outputs}`), [
    "x > a,early",
    "a > b,c",
    "b > d",
    "d,a > y",
  ]);
});

test("partsOf computes a condition before the branch that it selects", () => {
  const branch = (line: string): Attribute => ({
    type: "graph",
    value: network([node(line)], {}, {}, [line.split(" > ")[1]]),
  });
  const branches = { then_branch: branch("Relu x > t"), else_branch: branch("Neg x > e") };
  const nodes = [node("If given > a", branches), node("Not given > c"), node("If c > b", branches)];
  const parts = partsOf(network([...nodes, node("Add a b > y")], { x: [2], given: [] }, {}, ["y"]));
  assert.deepEqual(parts.map(typesOf), ["If Not", "If Add"]);
  assert.deepEqual(parts.map(({ inputs }) => inputs), [["given", "x"], ["c", "x", "a"]]);
});
