// QOperator files: ONNX Runtime loads each at every optimization level, and every output equals that of our integer
// plans of the Q/DQ model. The networks have elementwise functions, batched products, and nodes that move codes.
import assert from "node:assert/strict";
import test from "node:test";
import { floatAttribute, intAttribute, intsAttribute } from "../../src/graph/attribute.ts";
import type { Attribute, Graph } from "../../src/graph/graph.ts";
import { exportAs } from "../../src/mod.ts";
import { decodeModel, encodeModel } from "../../src/onnx/mod.ts";
import { integerForm } from "../../src/passes/integer_form.ts";
import { tensor } from "../../src/tensor/tensor.ts";
import { distance, fill, network, node, outputsOf, typesOf } from "../passes/network.ts";
import { atEveryLevel, quantizeBy } from "./by_onnx_runtime.ts";

const x = { x: [4, 4, 6, 6] };
const weights = { w: fill([4, 4, 3, 3], 1, -0.4, 0.4), v: fill([4, 4, 1, 1], 9, -0.5, 0.4) };

/** Conv → lines from c to p → Conv. */
const between = (...nodes: readonly ReturnType<typeof node>[]) =>
  network([node("Conv x w > c"), ...nodes, node("Conv p v > y")], x, weights, ["y"]);
const one = (opType: string, attributes: Record<string, Attribute> = {}, opset = 13): Graph => ({
  ...between(node(`${opType} c > p`, attributes)),
  opset,
});

type Row = { readonly graph: Graph; readonly types: RegExp };

const rows: Record<string, Row> = {
  LeakyRelu: { graph: one("LeakyRelu", { alpha: floatAttribute(0.1) }), types: /QLinearLeakyRelu/ },
  Sigmoid: { graph: one("Sigmoid"), types: /QLinearSigmoid/ },
  HardSwish: { graph: one("HardSwish", {}, 14), types: /DequantizeLinear HardSwish QuantizeLinear/ },
  Tanh: { graph: one("Tanh"), types: /DequantizeLinear Tanh QuantizeLinear/ },
  Elu: { graph: one("Elu"), types: /DequantizeLinear Elu QuantizeLinear/ },
  Softplus: { graph: one("Softplus"), types: /DequantizeLinear Softplus QuantizeLinear/ },
  Exp: { graph: one("Exp"), types: /DequantizeLinear Exp QuantizeLinear/ },
  "Relu behind a sum of two readers": {
    graph: between(node("Conv x w > d"), node("Add c d > a"), node("Relu a > r"), node("Add r a > p")),
    types: /QLinearAdd/,
  },
  "Clip of an old opset": {
    graph: { ...one("Clip", { min: floatAttribute(-0.3), max: floatAttribute(0.9) }), opset: 10 },
    types: /QLinearConv/,
  },
  Dropout: { graph: one("Dropout"), types: /QLinearConv Identity/ },
  Trilu: { graph: one("Trilu", {}, 14), types: /Trilu/ },
  MaxPool: { graph: one("MaxPool", { kernel_shape: intsAttribute([2, 2]) }), types: /MaxPool/ },
  DepthToSpace: {
    graph: network(
      [
        node("Conv x w > c"),
        node("DepthToSpace c > p", { blocksize: intAttribute(2) }),
        node("Conv p v > y"),
      ],
      x,
      { w: weights.w, v: fill([3, 1, 1, 1], 2) },
      ["y"],
    ),
    types: /DepthToSpace/,
  },
  "products of batches": {
    graph: network(
      [
        node("MatMul x w > a"),
        node("Relu a > p"),
        node("MatMul p k > q"),
        node("Relu q > s"),
        node("MatMul s z > t"),
        node("MatMul t h > y"),
      ],
      { x: [2, 3, 5, 8] },
      {
        w: fill([3, 8, 6], 1),
        k: fill([1, 6, 4], 2),
        z: fill([2, 1, 4, 2], 3),
        h: fill([2, 3], 4),
      },
      ["y"],
    ),
    types: /QLinearMatMul .*QLinearMatMul .*QLinearMatMul/,
  },
  Conv1d: {
    graph: network(
      [node("Conv x w > c"), node("Sigmoid c > p"), node("Conv p v > y")],
      { x: [2, 3, 8] },
      { w: fill([4, 3, 3], 1), v: fill([2, 4, 1], 2) },
      ["y"],
    ),
    types: /QLinearSigmoid/,
  },
  "a clamp and results that are outputs": {
    graph: network(
      [
        node("Conv x w b > c"),
        node("Relu c > p"),
        node("Conv p v > q"),
        node("Relu q > r"),
        node("Conv r v > y"),
        node("Relu y > z"),
      ],
      x,
      { ...weights, b: tensor("float32", [4], [0.1, -0.2, 0.3, 0]) },
      ["p", "y", "z"],
    ),
    types: /QLinearConv/,
  },
};

const settings = {
  default: {},
  "signed symmetric": { signed: true, symmetric: true },
  "per tensor": { perChannel: false },
} as const;

for (const [name, { graph, types }] of Object.entries(rows)) {
  for (const [kind, options] of Object.entries(settings)) {
    test(`qoperator, ${name}, ${kind}: ONNX Runtime computes our codes at every level`, async () => {
      const qdq = await quantizeBy(graph, options);
      const form = exportAs("qoperator", qdq);
      assert.match(typesOf(form), types);
      const ours = await outputsOf(integerForm(qdq));
      // The last convolution's result is float: sums of products of codes in float32, in another order.
      for (const [level, outputs] of await atEveryLevel(form)) {
        assert.ok(distance(ours, outputs) <= 0.012, `${level}: outputs differ by ${distance(ours, outputs)}`);
      }
      // What we read back is what we wrote.
      const again = decodeModel(encodeModel(form));
      assert.ok(distance(ours, await outputsOf(again)) <= 0.012);
    });
  }
}

test("operators that only plans have are never written", () => {
  const graph = network(
    [{ ...node("CodeTable x > y"), domain: "halftone" }],
    { x: [2] },
    {},
    ["y"],
  );
  assert.throws(() => encodeModel(graph), /Invariant: encode: CodeTable "y"/);
  const nested = network(
    [node("If x > y", { then_branch: { type: "graph", value: graph } })],
    { x: [] },
    {},
    [
      "y",
    ],
  );
  assert.throws(() => encodeModel(nested), /Invariant: encode/);
});
