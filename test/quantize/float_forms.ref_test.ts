// float16 and bfloat16 files of every operator, from its rows, and of networks of odd structure: ONNX Runtime loads
// them at every optimization level and computes the float model to the type's precision.
import assert from "node:assert/strict";
import test from "node:test";
import { exportAs, exportWarnings } from "../../src/mod.ts";
import { floats, tensor } from "../../src/tensor/tensor.ts";
import { byOnnxRuntime, oneNode } from "../ops/one_node.ts";
import { rows } from "../ops/rows/mod.ts";
import { distance, network, node } from "../passes/network.ts";
import { atEveryLevel } from "./by_onnx_runtime.ts";
import { oddNetworks } from "./odd_networks.ts";

/** Relative to an output's largest number: eleven and eight digits, and what sums of a few hundred rounded ones add. */
const forms = { float16: 2 ** -8, bfloat16: 2 ** -5 } as const;

for (const [form, digits] of Object.entries(forms) as [keyof typeof forms, number][]) {
  for (const row of rows) {
    const { graph, feeds } = oneNode(row);
    test(`${form}: ${row.opType}, ${row.about}: ONNX Runtime loads and runs it`, async () => {
      await atEveryLevel(exportAs(form, graph), feeds);
    });
  }
  for (const [name, { graph, feeds, rounds = 1 }] of Object.entries(oddNetworks)) {
    test(`${form}, ${name}: ONNX Runtime computes what it does in float32`, async () => {
      const expected = new Map(
        [...await byOnnxRuntime({ graph, feeds })].map(([name, one]) => [name, floats(one)] as const),
      );
      for (const [level, outputs] of await atEveryLevel(exportAs(form, graph), feeds)) {
        const difference = distance(expected, outputs);
        assert.ok(difference <= digits * rounds, `${level}: outputs differ by ${difference}`);
      }
    });
  }
}

test("float16 reports losses: numbers that are clamped, rounded to zero, or subnormal", () => {
  const graph = network(
    [node("Mul x big > a"), node("Add a tiny > b"), node("Mul b short > y"), node("Resize y _ scales > r")],
    { x: [1, 1, 2, 2] },
    {
      big: tensor("float32", [2, 1, 1], [1e5, -7e4]),
      tiny: tensor("float32", [2, 1, 1], [1e-12, 1]),
      short: tensor("float32", [2, 1, 1, 1], [1e-5, 0]),
      // Stays float32.
      scales: tensor("float32", [4], [1, 1, 1e9, 1e-9]),
    },
    ["r"],
  );
  assert.deepEqual(exportWarnings("float16", graph), [
    '2 numbers are clamped to ±65504, the largest of float16: "big" (2)',
    '1 number is rounded to 0 by float16: "tiny" (1)',
    '1 number is under 6.1e-5, which float16 keeps with fewer digits: "short" (1)',
  ]);
  assert.deepEqual(exportWarnings("bfloat16", graph), []);
});

test("float16: an epsilon that keeps a divisor from zero does not become zero", async () => {
  const graph = network(
    [node("Sub x x > zero"), node("Add zero epsilon > e"), node("Div zero e > y")],
    { x: [2, 2] },
    { epsilon: tensor("float32", [], [1e-12]) },
    ["y"],
  );
  for (const [level, outputs] of await atEveryLevel(exportAs("float16", graph))) {
    assert.deepEqual([...outputs.get("y")!], [0, 0, 0, 0], level);
  }
  assert.match(exportWarnings("float16", graph).join(), /^1 number is under 6.1e-5/);
});
