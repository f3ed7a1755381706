// Integers from node to node: overflow wraps before the next node reads it, and clamps of integers, or with bounds
// that are inputs, are never fused.
import assert from "node:assert/strict";
import test from "node:test";
import { planFor } from "../../src/passes/specialize.ts";
import { referenceMachine } from "../../src/plan/interpret.ts";
import { fromNumbers, tensor } from "../../src/tensor/tensor.ts";
import { node } from "../passes/network.ts";
import { assertAgree, exact } from "./agreement.ts";
import { byMachine, byOnnxRuntime, dyadic, int, type Model, modelOf } from "./one_node.ts";
import { wholes } from "./rows/integer.ts";

const pair = (dtype: "int8" | "uint8" | "int32", low: number, high: number) => [
  wholes(dtype, [7, 9], low, high),
  wholes(dtype, [9], low, high, 3),
];
const scalar = (value: number) => tensor("float32", [], [value]);
const models: Record<string, Model> = {
  "an int8 sum that wraps, compared": modelOf(
    [node("Add x0 x1 > s"), node("Greater s x0 > y")],
    pair("int8", -128, 127),
    [0, 1],
    ["y"],
    14,
  ),
  "a uint8 product that wraps, as float": modelOf(
    [node("Mul x0 x1 > p"), node("Cast p > y", { to: int(1) })],
    pair("uint8", 0, 255),
    [0, 1],
    ["y"],
    14,
  ),
  "an int32 sum and Relu": modelOf(
    [node("Add x0 x1 > s"), node("Relu s > y")],
    pair("int32", -(2 ** 30), 2 ** 30),
    [0, 1],
    ["y"],
    14,
  ),
  "a sum clamped by bounds that arrive": modelOf(
    [node("Add x0 x0 > s"), node("Clip s x1 x2 > y")],
    [dyadic([3, 5]), scalar(-0.25), scalar(1.5)],
    [0, 1, 2],
    ["y"],
    13,
  ),
  "casts to the type that it is": modelOf(
    [node("Cast x0 > c", { to: int(3) }), node("CastLike c x0 > d"), node("Neg d > y")],
    [fromNumbers("int8", [4], [-128, -1, 0, 127])],
    [0],
    ["y"],
    15,
  ),
};

for (const [what, model] of Object.entries(models)) {
  test(`${what}: the reference machine agrees with ONNX Runtime`, async () => {
    const [ort, ours] = [await byOnnxRuntime(model), await byMachine(referenceMachine(), model)];
    assertAgree({ "ONNX Runtime": ort.get("y")!, reference: ours.get("y")! }, exact);
  });
}

test("Cast and CastLike to the input's own type need no call", () => {
  const { graph, feeds } = models["casts to the type that it is"];
  const plan = planFor(graph, new Map([...feeds].map(([name, { shape }]) => [name, shape])));
  assert.deepEqual(plan.calls.map(({ kernel }) => kernel.stem), ["unary_integer"]);
});
