import assert from "node:assert/strict";
import test from "node:test";
import { intAttribute } from "../../src/graph/attribute.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { verify } from "../../src/graph/verify.ts";
import { differentiate } from "../../src/passes/differentiate.ts";
import { run } from "../../src/run/run.ts";
import { referenceMachine } from "../../src/plan/interpret.ts";
import { roundHalfEven } from "../../src/tensor/round.ts";
import { floats, numbers, type Tensor, tensor } from "../../src/tensor/tensor.ts";
import { fill, network, node } from "./network.ts";

const reference = referenceMachine();
const list = (...values: number[]) => tensor("float32", [values.length], values);
const gradientsOf = async (graph: Graph, loss: string, by: string[], feeds: Record<string, Tensor>) => {
  const found = differentiate(graph, loss, by);
  verify(found.graph);
  const outputs = await run(found.graph, feeds, reference);
  return Object.fromEntries(by.map((name) => [name, [...floats(outputs[found.gradients.get(name)!])]]));
};

const product = network(
  [node("Mul x x > square"), node("Mul square w > y"), node("ReduceSum y > loss")],
  { x: [3] },
  { w: list(2, 3, 4) },
  ["loss"],
);

test("differentiate adds up the gradients of a value that is read several times", async () => {
  const { x, w } = await gradientsOf(product, "loss", ["x", "w"], { x: list(1, -2, 0.5) });
  assert.deepEqual(x, [4, -12, 4]);
  assert.deepEqual(w, [1, 4, 0.25]);
});

test("differentiate returns gradients with respect to inner values, under the names it returns", async () => {
  const { square } = await gradientsOf(product, "loss", ["square"], { x: list(1, -2, 0.5) });
  assert.deepEqual(square, [2, 3, 4]);
});

test("differentiate keeps constants constant and outputs in order", () => {
  const { graph, gradients } = differentiate(product, "loss", ["w"]);
  assert.deepEqual(graph.inputs, ["x"]);
  assert.deepEqual([...numbers(graph.values.get("w")!.constant!)], [2, 3, 4]);
  assert.deepEqual(graph.outputs, ["loss", gradients.get("w")]);
});

test("differentiate takes the gradients with respect to several outputs from named inputs", async () => {
  const graph = network([node("Neg x > a"), node("Mul x w > b")], { x: [2] }, { w: list(3, 5) }, ["a", "b"]);
  const found = differentiate(graph, new Map([["a", "da"], ["b", "db"]]), ["x"]);
  assert.deepEqual(found.graph.inputs, ["x", "da", "db"]);
  const outputs = await run(
    found.graph,
    { x: list(7, 7), da: list(1, 10), db: list(100, 1000) },
    reference,
  );
  assert.deepEqual([...floats(outputs[found.gradients.get("x")!])], [299, 4990]);
});

test("differentiate follows only paths to the variables", () => {
  const graph = network(
    [
      node("Gemm x w > h"),
      node("Hardmax h > hard"),
      node("Mul h v > scaled"),
      node("ReduceSum scaled > loss"),
    ],
    { x: [2, 3] },
    { w: fill([3, 4]), v: fill([4], 5) },
    ["hard", "loss"],
  );
  const { graph: both } = differentiate(graph, "loss", ["v"]);
  assert.equal(both.nodes.some(({ opType }, i) => i >= graph.nodes.length && opType === "Gemm"), false);
});

test("differentiate returns zeros if the loss does not depend on a value, or only through step functions", async () => {
  const graph = network(
    [node("Round x > steps"), node("ReduceSum steps > loss"), node("Neg other > rest")],
    { x: [2], other: [3] },
    {},
    ["loss", "rest"],
  );
  const { x, other } = await gradientsOf(graph, "loss", ["x", "other"], {
    x: list(1, 2),
    other: list(1, 2, 3),
  });
  assert.deepEqual([x, other], [[0, 0], [0, 0, 0]]);
});

test("differentiate names a node without a gradient on the path", () => {
  const graph = network(
    [{ ...node("ReduceProd x > p"), name: "all" }, node("ReduceSum p > loss")],
    { x: [3] },
    {},
    ["loss"],
  );
  assert.throws(() => differentiate(graph, "loss", ["x"]), {
    name: "UnsupportedError",
    where: ['ReduceProd "all"'],
    message: "Cannot differentiate this operator: it declares no gradient",
  });
});

test("differentiate refuses invalid losses and variables", () => {
  assert.throws(() => differentiate(product, "y", ["x"]), /its shape is \[3\], expected one element/);
  assert.throws(() => differentiate(product, "loss", ["nobody"]), /the graph has no value of that name/);
  assert.throws(() => differentiate(product, new Map([["y", "x"]]), ["w"]), /the graph has such a value/);
  const open = {
    ...product,
    values: new Map(product.values).set("x", { dtype: "float32", shape: ["N"] }),
  } as Graph;
  assert.throws(() => differentiate(open, "loss", ["x"]), /expected a static shape/);
});

/** x / s is 0.4, 2.5, −0.5, past both ends, and at an end. */
const codes = list(0.2, 1.25, -0.25, 9, -9, 3.5);
const rounding = (inputs: string) =>
  network(
    [
      {
        ...node(`FakeQuantize ${inputs} > q`, { code_low: intAttribute(-8), code_high: intAttribute(7) }),
        domain: "halftone",
      },
      node("Mul q v > y"),
      node("ReduceSum y > loss"),
    ],
    { x: [6] },
    { s: list(0.5), v: list(1, 2, 3, 4, 5, 6) },
    ["loss"],
  );

test("FakeQuantize passes gradients straight through, and its scale has that of LSQ", async () => {
  const { x, s } = await gradientsOf(rounding("x s"), "loss", ["x", "s"], { x: codes });
  assert.deepEqual(x, [1, 2, 3, 0, 0, 6]);
  const steps = [0.4, 2.5, -0.5].map((v) => roundHalfEven(v) - v);
  const expected = steps[0] + 2 * steps[1] + 3 * steps[2] + 4 * 7 + 5 * -8 + 6 * 0;
  assert.ok(Math.abs(s[0] - expected) < 1e-5, `${s[0]} against ${expected}`);
});

test("QuantizeLinear and its DequantizeLinear have the gradients of one rounding", async () => {
  const graph = network(
    [
      node("QuantizeLinear x s z > codes"),
      node("DequantizeLinear codes s z > q"),
      node("Mul q v > y"),
      node("ReduceSum y > loss"),
    ],
    { x: [3] },
    { s: list(0.5), z: tensor("uint8", [1], [3]), v: list(1, 2, 3) },
    ["loss"],
  );
  const { x, s } = await gradientsOf(graph, "loss", ["x", "s"], { x: list(0.75, -4, 1000) });
  assert.deepEqual(x, [1, 0, 0]);
  assert.ok(Math.abs(s[0] - (0.5 + 2 * -3 + 3 * 252)) < 1e-3);
});

test("FakeQuantize per channel sums gradients per scale", async () => {
  const rounded = { axis: intAttribute(0), code_low: intAttribute(-2), code_high: intAttribute(1) };
  const graph = network(
    [
      { ...node("FakeQuantize w s > q", rounded), domain: "halftone" },
      node("MatMul x q > y"),
      node("ReduceSum y > loss"),
    ],
    { x: [1, 2] },
    { w: tensor("float32", [2, 2], [0.25, 5, -7, 0.5]), s: list(0.5, 1) },
    ["loss"],
  );
  const { w, s } = await gradientsOf(graph, "loss", ["w", "s"], { x: tensor("float32", [1, 2], [1, 10]) });
  assert.deepEqual(w, [1, 0, 0, 10]);
  // 0.25 / 0.5 and 0.5 are ties, which go to the even code.
  assert.deepEqual(s, [-0.5 + 1, -20 - 5]);
});

test("FakeQuantize per channel works between convolutions, and so do its gradients", async () => {
  const rounded = { axis: intAttribute(1), code_low: intAttribute(-8), code_high: intAttribute(7) };
  const graph = network(
    [
      node("Conv x w > h"),
      { ...node("FakeQuantize h s > q", rounded), domain: "halftone" },
      node("Conv q w > y"),
      node("ReduceSum y > loss"),
    ],
    { x: [1, 2, 3, 3] },
    { w: fill([2, 2, 1, 1]), s: list(0.25, 0.125) },
    ["loss"],
  );
  const { s } = await gradientsOf(graph, "loss", ["s"], { x: fill([1, 2, 3, 3], 7) });
  assert.equal(s.length, 2);
  assert.ok(s.every((one) => Number.isFinite(one) && one !== 0));
});
