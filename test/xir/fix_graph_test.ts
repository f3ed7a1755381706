// Quantized graphs in a DPU's arithmetic: what becomes Fix, what the device approximates, and what is refused.
import assert from "node:assert/strict";
import test from "node:test";
import { UnsupportedError } from "../../src/error.ts";
import { floatAttribute, intsAttribute } from "../../src/graph/attribute.ts";
import type { Graph, Node } from "../../src/graph/graph.ts";
import { verify } from "../../src/graph/verify.ts";
import { exportAs } from "../../src/mod.ts";
import type { Encoding } from "../../src/quantize/encoding.ts";
import { insertQdq } from "../../src/quantize/insert_qdq.ts";
import { numbers } from "../../src/tensor/tensor.ts";
import { averageFactor, factorOf, leakySlope } from "../../src/xir/device_forms.ts";
import { fixGraph } from "../../src/xir/fix_graph.ts";
import { fill, network, node, typesOf } from "../passes/network.ts";
import { position, quantizeBlock } from "./block.ts";

/** A convolution around these nodes from "r" to "s"; everything has codes. */
function between(nodes: readonly Node[], change: Partial<Encoding> = {}, size = 6): Graph {
  const all = [node("Conv x w > r"), ...nodes, node("Conv s v > y")];
  const graph = network(all, { x: [1, 2, size, size] }, { w: fill([3, 2, 1, 1]), v: fill([2, 3, 1, 1], 2) }, [
    "y",
  ], 14);
  const names = ["x", "w", "r", "s", "v", ...nodes.flatMap(({ outputs }) => outputs)];
  return insertQdq(new Map(names.map((name) => [name, { ...position(5), ...(name === "r" ? change : {}) }])))(
    graph,
  );
}

const relu = node("Relu r > s");

test("codes become Fix, constants are on their grids", () => {
  const graph = verify(fixGraph(between([relu])));
  assert.equal(typesOf(graph), "Fix Fix Fix Conv Fix Relu Fix Conv");
  const weight = graph.nodes.filter(({ opType }) => opType === "Conv")[0].inputs[1];
  const { inputs: [held], attributes } = graph.nodes.find(({ outputs }) => outputs[0] === weight)!;
  assert.deepEqual([...attributes].map(([key, { value }]) => [key, value]), [["fix_point", 5n], [
    "bit_width",
    8n,
  ]]);
  assert.ok(numbers(graph.values.get(held)!.constant!).every((value) => Number.isInteger(value * 2 ** 5)));
});

test("the form is made by this pass", () => {
  assert.equal(typesOf(exportAs("xmodel", between([relu]))), typesOf(fixGraph(between([relu]))));
});

const approximations: readonly [title: string, nodes: readonly Node[], size: number, factor: number][] = [
  ["3 x 3", [node("AveragePool r > s", { kernel_shape: intsAttribute([3, 3]) })], 6, 63 / 64],
  ["2 x 2, exact", [node("AveragePool r > s", { kernel_shape: intsAttribute([2, 2]) })], 6, 1],
  ["the whole image of 7 x 7", [node("GlobalAveragePool r > s")], 7, 49 * 21 / 1024],
  ["a mean of 6", [node("ReduceMean r > s", { axes: intsAttribute([2]) })], 6, 6 * 85 / 512],
  ["a hard sigmoid", [node("HardSigmoid r > s", { alpha: floatAttribute(1 / 6) })], 6, 6 * 2731 / 16384],
];
for (const [title, nodes, size, factor] of approximations) {
  test(`the device's factor is a product: ${title}`, () => {
    const graph = fixGraph(between(nodes, {}, size));
    const { inputs, name } = graph.nodes.find(({ opType }) => opType === "Mul")!;
    assert.deepEqual(numbers(graph.values.get(inputs[1])!.constant!), [Math.fround(factor)]);
    const before = graph.nodes.find(({ outputs }) => outputs[0] === inputs[0])!;
    assert.equal(before.name, `${name}_i0`);
  });
}

test("a mean of a power of two has no factor", () => {
  assert.equal(
    typesOf(fixGraph(between([node("ReduceMean r > s", { axes: intsAttribute([2]) })], {}, 8))).includes(
      "Mul",
    ),
    false,
  );
});

test("leaky ReLUs have the device's slope, hard swishes an inner rounding", () => {
  const leaky = fixGraph(between([node("LeakyRelu r > s", { alpha: floatAttribute(0.2) })]));
  const { attributes } = leaky.nodes.find(({ opType }) => opType === "LeakyRelu")!;
  assert.deepEqual(attributes.get("alpha"), floatAttribute(leakySlope));
  assert.match(typesOf(fixGraph(between([node("HardSwish r > s")]))), /Fix HardSigmoid Mul Fix Mul Fix/);
});

test("a value that stays float is not approximated", () => {
  const graph = network(
    [node("Conv x w > c"), node("GlobalAveragePool c > y")],
    { x: [1, 2, 7, 7] },
    { w: fill([3, 2, 1, 1]) },
    ["y"],
  );
  const quantized = insertQdq(new Map(["x", "w", "c"].map((name) => [name, position(5)])))(graph);
  assert.equal(typesOf(fixGraph(quantized)), "Fix Fix Conv Fix GlobalAveragePool");
});

test("factors are vai_q_pytorch's", () => {
  assert.deepEqual([[3, 3], [5, 5], [6, 3], [14, 14]].map(averageFactor), [
    9 * 7 / 64,
    25 * 10 / 256,
    36 * 7 / 256,
    196 * 21 / 4096,
  ]);
  // ⌈log2(128 · 10)⌉ = 11: shifts up to 10, of which 102 / 1024 is nearest to 1 / 10.
  assert.equal(factorOf(10), 10 * 102 / 1024);
  assert.deepEqual([1, 2, 16, 64].map(factorOf), [1, 1, 1, 1]);
});

const refusals: readonly [title: string, change: Partial<Encoding>, found: RegExp][] = [
  ["a scale that is no power of two", { scale: Float32Array.of(0.3) }, /"r" has scale 0.3/],
  ["a zero point", { zeroPoint: Int32Array.of(3) }, /zero point 3/],
  ["unsigned codes", { signed: false }, /codes of type uint8/],
  ["a scale per channel", {
    scale: Float32Array.of(0.5, 0.25, 1),
    zeroPoint: Int32Array.of(0, 0, 0),
    axis: 1,
  }, /3 scales/],
];
for (const [title, change, found] of refusals) {
  test(`fixGraph refuses ${title} and names the option`, () => {
    assert.throws(() => fixGraph(between([relu], change)), (error) => {
      assert.ok(error instanceof UnsupportedError);
      assert.match(error.message, found);
      assert.match(error.message, /quantize with --preset dpu$/);
      return true;
    });
  });
}

test("a float model is refused", () => {
  const graph = network([node("Relu x > y")], { x: [1, 2] }, {}, ["y"]);
  assert.throws(() => fixGraph(graph), /no value is quantized/);
});

test("codes that are an output of the model are refused by name", () => {
  const graph = between([relu]);
  const codes = graph.nodes.find(({ opType }) => opType === "QuantizeLinear")!.outputs[0];
  const open = { ...graph, outputs: [...graph.outputs, codes] };
  assert.throws(() => fixGraph(open), new RegExp(`codes "${codes}" are an output of the model`));
});

test("codes that QuantizeLinear does not make are refused by name", () => {
  const graph = between([relu]);
  const dequantized = graph.nodes.map((one) =>
    one.opType === "DequantizeLinear" && one.outputs[0] === "s_dequantized"
      ? { ...one, inputs: ["codes", ...one.inputs.slice(1)] }
      : one
  );
  const open = { ...graph, nodes: dequantized, inputs: [...graph.inputs, "codes"] };
  assert.throws(() => fixGraph(open), /codes "codes" are no result of QuantizeLinear/);
});

test("moved elements are not rounded twice", () => {
  const { nodes } = fixGraph(quantizeBlock());
  const flatten = nodes.find(({ opType }) => opType === "Flatten")!;
  const readers = nodes.filter(({ inputs }) => inputs[0] === flatten.outputs[0]);
  assert.deepEqual(readers.map(({ opType }) => opType), ["Identity"]);
});
