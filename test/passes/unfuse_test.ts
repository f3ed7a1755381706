// Fused operators that ONNX Runtime's CPU provider has no kernel for, against the same in ONNX's operators; and how
// unfusing affects quantization.
import assert from "node:assert/strict";
import test from "node:test";
import { intAttribute, intsAttribute, textAttribute } from "../../src/graph/attribute.ts";
import type { Attribute, Graph } from "../../src/graph/graph.ts";
import { unfuse } from "../../src/passes/unfuse.ts";
import { choosePoints } from "../../src/quantize/points.ts";
import { prepare } from "../../src/recipe.ts";
import { tensor } from "../../src/tensor/tensor.ts";
import { distance, fill, network, node, outputsOf, typesOf } from "./network.ts";

type Line = readonly [string, Record<string, Attribute>?];
const inputs = { x: [2, 5, 4, 6], z: [2, 5, 4, 6] };
const constants = {
  w: fill([3, 6, 3, 3], 4),
  b: fill([3], 9),
  bias: fill([6], 2),
  m: fill([6, 5], 8),
  halves: tensor("int64", [2], [3, 3]),
};

function graphOfLines(lines: readonly Line[], opset = 20): Graph {
  const nodes = lines.map(([line, attributes]) => node(line, attributes));
  const read = new Set(nodes.flatMap((one) => one.inputs));
  const pickUsed = <T>(all: Record<string, T>) =>
    Object.fromEntries(Object.entries(all).filter(([name]) => read.has(name)));
  return network(nodes, pickUsed(inputs), pickUsed(constants), ["y"], opset);
}

function fusedGraph(line: string, attributes: Record<string, Attribute> = {}): Graph {
  const graph = graphOfLines([[line, attributes]]);
  return { ...graph, nodes: graph.nodes.map((one) => ({ ...one, domain: "com.microsoft", name: "own" })) };
}

const pads = { pads: intsAttribute([1, 1, 1, 1]) };
const rows: readonly [Graph, readonly Line[]][] = [
  [fusedGraph("NhwcConv x w b > y", pads), [
    ["Transpose x > t", { perm: intsAttribute([0, 3, 1, 2]) }],
    ["Conv t w b > c", pads],
    ["Transpose c > y", { perm: intsAttribute([0, 2, 3, 1]) }],
  ]],
  [fusedGraph("BiasAdd x bias z > y"), [["Add x bias > s"], ["Add s z > y"]]],
  [fusedGraph("BiasSplitGelu x bias > y"), [
    ["Add x bias > s"],
    ["Split s halves > l r", { axis: intAttribute(-1) }],
    ["Gelu r > g"],
    ["Mul l g > y"],
  ]],
  [fusedGraph("FusedMatMulActivation x m > y", { activation: textAttribute("Relu") }), [
    ["MatMul x m > p"],
    ["Relu p > y"],
  ]],
];
for (const [graph, lines] of rows) {
  test(`${graph.nodes[0].opType} computes the same as its parts`, async () => {
    const parts = graphOfLines(lines);
    assert.ok(distance(await outputsOf(graph), await outputsOf(parts)) < 1e-6);
    assert.equal(typesOf(unfuse(graph)), typesOf(parts));
  });
}

test("a fused convolution is quantized like its parts, and the layer keeps the name", () => {
  const attributes = { ...pads, activation: textAttribute("Relu") };
  const graph = fusedGraph("FusedConv x w _ z > y", attributes);
  const prepared = prepare({
    ...graph,
    values: new Map([...graph.values, ["w", {
      dtype: "float32",
      shape: [5, 5, 3, 3],
      constant: fill([5, 5, 3, 3]),
    }]]),
  }, 13);
  assert.equal(typesOf(prepared), "Conv Add Relu");
  assert.equal(prepared.nodes[0].name, "own");
  assert.ok(choosePoints(prepared, () => undefined).quantized.has(prepared.nodes[0].outputs[0]));
});

test("a fused node that must stay is not replaced", () => {
  for (const [graph] of rows) assert.equal(unfuse(graph, () => true), graph);
});
