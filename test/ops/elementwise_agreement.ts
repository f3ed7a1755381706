// Whether machines and ONNX Runtime agree on random elementwise nodes.
import assert from "node:assert/strict";
import fc from "fast-check";
import type { Machine } from "../../src/plan/machine.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";
import { assertAgree } from "./agreement.ts";
import { byMachine, byOnnxRuntime, oneNode } from "./one_node.ts";
import { elementwiseNodes } from "./random_elementwise.ts";

/** A hundred random nodes; the seed is for a rerun. */
export function assertElementwiseAgree(machines: readonly Machine[], seed: number) {
  return fc.assert(
    fc.asyncProperty(elementwiseNodes, async (row) => {
      const model = oneNode(row);
      const results: [string, Tensor][] = [["ONNX Runtime", (await byOnnxRuntime(model)).get("y")!]];
      for (const machine of machines) {
        results.push([machine.description, (await byMachine(machine, model)).get("y")!]);
      }
      try {
        assertAgree(Object.fromEntries(results), row.within);
      } catch (error) {
        assert.fail(`${row.opType}, ${row.about}: ${(error as Error).message}`);
      }
    }),
    { numRuns: 100, seed },
  );
}
