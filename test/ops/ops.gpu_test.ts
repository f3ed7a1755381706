// Every operator on three independent implementations: ONNX Runtime, the reference machine and a WebGPU device. A
// disagreement shows which one is wrong.
import test, { after } from "node:test";
import { referenceMachine } from "../../src/plan/interpret.ts";
import { gpu } from "../device/gpu.ts";
import { assertAgree } from "./agreement.ts";
import { byMachine, byOnnxRuntime, oneNode } from "./one_node.ts";
import { rows } from "./rows/mod.ts";

const machine = await gpu();
const reference = referenceMachine();
after(() => machine.close());

// Rows without inputs are folded before they reach a device; `ops.ref_test.ts` has them.
for (const row of rows.filter((row) => row.fed?.length !== 0)) {
  test(`${row.opType}, ${row.about}: ONNX Runtime, reference and device agree pairwise`, async () => {
    const model = oneNode(row);
    const results = {
      "ONNX Runtime": await byOnnxRuntime(model),
      reference: await byMachine(reference, model),
      [machine.description]: await byMachine(machine, model),
    };
    for (const name of model.graph.outputs) {
      const found = Object.entries(results).map(([who, outputs]) => [who, outputs.get(name)!]);
      assertAgree(Object.fromEntries(found), row.within);
    }
  });
}
