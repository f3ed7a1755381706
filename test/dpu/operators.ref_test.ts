// Every operator's rows as inspected for a DPU: none stops the inspection, and each answer is whole.
import assert from "node:assert/strict";
import test from "node:test";
import { inspectionText } from "../../cli/steps/inspection_text.ts";
import { inspect } from "../../src/mod.ts";
import { oneNode } from "../ops/one_node.ts";
import { rows } from "../ops/rows/mod.ts";

const dpu = "DPUCZDX8G_ISA1_B4096";

test("every operator is placed, with a constraint exactly if it is on the CPU", () => {
  for (const row of rows) {
    const what = `${row.opType}, ${row.about}`;
    const found = inspect(oneNode(row).graph, { preset: "dpu", dpu });
    const names = found.nodes.map(({ name }) => name);
    assert.equal(new Set(names).size, names.length, what);
    for (const { device, constraint, inputNodes, outputNodes } of found.nodes) {
      assert.equal(device, constraint === undefined ? "DPU" : "CPU", what);
      assert.ok([...inputNodes, ...outputNodes].every((name) => names.includes(name)), what);
    }
    const text = inspectionText({ ...found, targetName: dpu, file: "model.onnx" });
    assert.equal(text.match(/^assigned device: /gm)?.length ?? 0, names.length, what);
    assert.doesNotMatch(text, /undefined|\[object/, what);
  }
});
