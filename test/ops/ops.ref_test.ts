// Every operator on the reference machine against ONNX Runtime.
import assert from "node:assert/strict";
import test from "node:test";
import * as table from "../../src/ops/mod.ts";
import { referenceMachine } from "../../src/plan/interpret.ts";
import { assertAgree } from "./agreement.ts";
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

test("every ONNX operator has rows", () => {
  const covered = new Set(rows.map((row) => row.opType));
  const missing = Object.entries(table).filter(([name, op]) => !op.domain && !covered.has(name));
  assert.deepEqual(missing.map(([name]) => name), []);
});
