// Asserts that machines and ONNX Runtime agree on random nodes.
import assert from "node:assert/strict";
import fc from "fast-check";
import type { Machine } from "../../src/plan/machine.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";
import { assertAgree } from "./agreement.ts";
import { byMachine, byOnnxRuntime, oneNode, type Row } from "./one_node.ts";

/** A hundred random nodes; the seed is for a rerun. */
export function assertNodesAgree(nodes: fc.Arbitrary<Row>, machines: readonly Machine[], seed: number) {
  return fc.assert(
    fc.asyncProperty(nodes, async (row) => {
      const model = oneNode(row);
      const found: [string, ReadonlyMap<string, Tensor>][] = [["ONNX Runtime", await byOnnxRuntime(model)]];
      for (const machine of machines) found.push([machine.description, await byMachine(machine, model)]);
      for (const name of model.graph.outputs) {
        try {
          assertAgree(
            Object.fromEntries(found.map(([who, outputs]) => [who, outputs.get(name)!])),
            row.within,
          );
        } catch (error) {
          assert.fail(`${row.opType}, ${row.about}, output ${name}: ${(error as Error).message}`);
        }
      }
    }),
    { numRuns: 100, seed },
  );
}
