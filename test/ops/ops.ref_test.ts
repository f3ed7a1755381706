// Every operator on the reference machine against ONNX Runtime.
import assert from "node:assert/strict";
import test from "node:test";
import * as microsoft from "../../src/ops/microsoft/mod.ts";
import * as table from "../../src/ops/mod.ts";
import { referenceMachine } from "../../src/plan/interpret.ts";
import { assertAgree } from "./agreement.ts";
import { codedOperators } from "./coded_operators.ts";
import { byMachine, byOnnxRuntime, oneNode } from "./one_node.ts";
import { rows } from "./rows/mod.ts";

const reference = referenceMachine();

for (const row of rows) {
  test(`${row.opType}, ${row.about}: the reference machine agrees with ONNX Runtime`, async () => {
    const model = oneNode(row);
    const [ort, ours] = [await byOnnxRuntime(model), await byMachine(reference, model)];
    for (const name of model.graph.outputs) {
      assertAgree({ "ONNX Runtime": ort.get(name)!, reference: ours.get(name)! }, row.within);
    }
  });
}

/** ONNX Runtime's CPU provider has no kernel for these. */
const withoutCpu = ["NhwcConv", "BiasAdd", "BiasSplitGelu", "FusedMatMulActivation"];

test("every operator of ONNX and of ONNX Runtime has rows, or a Q/DQ network", () => {
  const onCodes = Object.values(codedOperators).flatMap(({ model }) => model.graph.nodes);
  const covered = new Set([...rows, ...onCodes].map(({ opType }) => opType));
  const missing = [...Object.entries(table), ...Object.entries(microsoft)].filter(([name, op]) =>
    op.domain !== "halftone" && !covered.has(name) && !withoutCpu.includes(name)
  );
  assert.deepEqual(missing.map(([name]) => name), []);
});
