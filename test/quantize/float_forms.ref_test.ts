// float16 and bfloat16 files of every operator that halftone knows, as its rows have it, and of networks whose structure is
// odd: ONNX Runtime loads them at every level of its optimizations and computes the float model to their digits.
import assert from "node:assert/strict";
import test from "node:test";
import { exportAs } from "../../src/mod.ts";
import { floats } from "../../src/tensor/tensor.ts";
import { byOnnxRuntime, oneNode } from "../ops/one_node.ts";
import { rows } from "../ops/rows/mod.ts";
import { distance } from "../passes/network.ts";
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
