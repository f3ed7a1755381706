// Which Q/DQ patterns become integer operators, and which keep their Q/DQ.
import assert from "node:assert/strict";
import test from "node:test";
import { verify } from "../../src/graph/verify.ts";
import { hasIntegers, integerForm, isQuantized } from "../../src/passes/integer_form.ts";
import { runnableForm } from "../../src/passes/runnable_form.ts";
import { planFor } from "../../src/passes/specialize.ts";
import { type Tensor, tensor } from "../../src/tensor/tensor.ts";
import { codedHandmade } from "../ops/coded_handmade.ts";
import { nibbles, signedCodes } from "../kernels/codes.ts";
import { biases, codedNetwork, reals, scalar } from "../ops/coded_lines.ts";
import { int } from "../ops/one_node.ts";
import { typesOf } from "./network.ts";

type Line = Parameters<typeof codedNetwork>[0][number];

const formOf = (
  lines: Parameters<typeof codedNetwork>[0],
  options: Parameters<typeof codedNetwork>[1] = {},
) => verify(integerForm(codedNetwork(lines, options).model.graph));

const begin = ["QuantizeLinear x s z > q", "DequantizeLinear q s z > a"] as const;
const weights = "DequantizeLinear w v o > f";
const end = "QuantizeLinear c u z > y";

test("integerForm: a convolution between Q/DQ lists codes, scales and zero points, the bias last", () => {
  const constants = { b: biases(1, 2, 3, 4, 5), unit: scalar(Math.fround(Math.fround(0.003) / 128)) };
  const lines = [...begin, weights, "DequantizeLinear b unit > e", "Conv a f e > c", "Relu c > r"];
  const graph = formOf([...lines, "QuantizeLinear r u l > y"], { constants });
  assert.equal(typesOf(graph), "QuantizeLinear QLinearConv");
  const { inputs, outputs, attributes } = graph.nodes[1];
  assert.deepEqual(inputs, ["q", "s", "z", "w", "v", "o", "u", "l", "b"]);
  assert.deepEqual(outputs, ["y"]);
  assert.deepEqual(attributes.get("clamp_low"), { type: "float", value: 0 });
});

test("isQuantized: simulated or in codes, but not for weights alone", () => {
  const graphOf = (...lines: Line[]) => codedNetwork(lines).model.graph;
  assert.equal(isQuantized(graphOf(...begin, weights, "Conv a f > y")), true);
  assert.equal(isQuantized(integerForm(graphOf(...begin, weights, "Conv a f > c", end))), true);
  assert.equal(isQuantized(graphOf(weights, "Conv x f > y")), false);
  assert.equal(isQuantized(graphOf("Relu x > y")), false);
});

test("runnableForm: integers where there are any, else the graph at the planned opset", () => {
  const lines = [...begin, ["Flatten a > c", { axis: int(1) }], "QuantizeLinear c s z > y"] as Line[];
  assert.match(typesOf(runnableForm(codedNetwork(lines).model.graph)), /DequantizeLinear/);
  const whole = [...begin, weights, "DequantizeLinear b unit > e", "Conv a f e > c", end];
  const constants = { b: biases(1, 2, 3, 4, 5), unit: scalar(Math.fround(Math.fround(0.003) / 128)) };
  const form = runnableForm(codedNetwork(whole, { constants }).model.graph);
  assert.equal(typesOf(form), "QuantizeLinear QLinearConv");
});

test("integerForm: a move within one encoding loses its Q/DQ, between two it keeps them", () => {
  const same = formOf([...begin, ["Flatten a > c", { axis: int(1) }], "QuantizeLinear c s z > y"]);
  assert.equal(typesOf(same), "QuantizeLinear Flatten");
  const other = formOf([...begin, ["Flatten a > c", { axis: int(1) }], end]);
  assert.equal(typesOf(other), "QuantizeLinear DequantizeLinear Flatten QuantizeLinear");
});

test("integerForm: equal scales under different names are one encoding", () => {
  const constants = { s2: scalar(1 / 128), z2: scalar(128, "uint8"), i2: scalar(0, "int8") };
  const to = (zero: string) =>
    formOf([...begin, "Flatten a > c", `QuantizeLinear c s2 ${zero} > y`], { constants });
  assert.equal(typesOf(to("z2")), "QuantizeLinear Flatten");
  assert.equal(typesOf(to("i2")), "QuantizeLinear DequantizeLinear Flatten QuantizeLinear");
});

test("integerForm: joins, pools and pads have integer forms", () => {
  const types = (line: string) => typesOf(formOf([...begin, line, end], { constants: around }));
  const around = { p: tensor("int64", [8], [0, 0, 1, 1, 0, 0, 1, 1]) };
  assert.equal(types("Add a a > c"), "QuantizeLinear QLinearAdd");
  assert.equal(types("Mul a a > c"), "QuantizeLinear QLinearMul");
  assert.equal(types("GlobalAveragePool a > c"), "QuantizeLinear QLinearGlobalAveragePool");
  const padded = formOf([...begin, "Pad a p > c", "QuantizeLinear c s z > y"], { constants: around });
  assert.deepEqual(padded.nodes[1].inputs, ["q", "p", "z"]);
});

test("integerForm: weights of four bits are multiplied as they are, signed or around 8, in every product", () => {
  const four = (dtype: "int4" | "uint4", shape: readonly number[], middle: number) => ({
    w: nibbles(
      dtype,
      shape,
      signedCodes(shape.reduce((a, b) => a * b, 1), 3).map((code) => (code >> 4) + middle),
    ),
    o: nibbles(dtype, [], [middle]),
  });
  const stems = (line: Line, constants: ReturnType<typeof four>, x?: Tensor) => {
    const { graph, feeds } = codedNetwork([...begin, weights, line, end], { constants, x, opset: 21 }).model;
    const plan = planFor(integerForm(graph), new Map([...feeds].map(([name, { shape }]) => [name, shape])));
    const products = plan.calls.filter(({ kernel }) => kernel.stem.startsWith("qconv"));
    return products.map(({ kernel, numbers }) => kernel.stem + (numbers.nibbles ? " nibbles" : ""));
  };
  const group = { group: int(3) };
  assert.deepEqual(stems("Conv a f > c", four("int4", [5, 3, 3, 3], 0)), ["qconv2d_tiled nibbles"]);
  assert.deepEqual(stems("Conv a f > c", four("uint4", [5, 3, 3, 3], 8)), ["qconv2d_tiled nibbles"]);
  assert.deepEqual(stems("Conv a f > c", four("uint4", [5, 3, 3, 3], 7)), []);
  assert.deepEqual(stems(["Conv a f > c", group], four("int4", [3, 1, 2, 2], 0)), [
    "qconv2d_depthwise nibbles",
  ]);
  assert.deepEqual(stems(["Conv a f > c", group], four("int4", [6, 1, 2, 2], 0)), [
    "qconv2d_grouped nibbles",
  ]);
  assert.deepEqual(stems("MatMul a f > c", four("int4", [7, 5], 0), reals([4, 7])), [
    "qconv2d_tiled nibbles",
  ]);
  assert.deepEqual(stems("Gemm a f > c", four("uint4", [7, 5], 8), reals([4, 7])), ["qconv2d_tiled nibbles"]);
});

for (const [what, { model }] of Object.entries(codedHandmade)) {
  if (!/ stays? float$/.test(what)) continue;
  test(`integerForm: ${what}`, () => assert.equal(hasIntegers(integerForm(model.graph)), false));
}

test("integerForm: a graph without codes stays as it is", () => {
  const { graph } = codedNetwork(["Relu x > y"]).model;
  assert.equal(typesOf(integerForm(graph)), "Relu");
  assert.equal(hasIntegers(graph), false);
});
