// Recognized and downgraded graphs load in ONNX Runtime at the file's opset, and compute the same.
import assert from "node:assert/strict";
import test from "node:test";
import { downgradeOps } from "../../src/passes/unfuse.ts";
import { prepare } from "../../src/recipe.ts";
import { floats } from "../../src/tensor/tensor.ts";
import { byOnnxRuntime } from "../ops/one_node.ts";
import { distance, fill } from "./network.ts";
import { patterns } from "./patterns.ts";

for (const [name, { graph }] of Object.entries(patterns)) {
  for (const opset of new Set([graph.opset, Math.max(graph.opset, 14), 17, 20])) {
    if (opset < graph.opset || (graph.opset < 18 && opset >= 18 && hasReductions(graph))) continue;
    test(`${name} by ONNX Runtime, opset ${opset}`, async () => {
      const model = { ...graph, opset };
      const feeds = new Map([["x", fill([2, 4, 6], 17, -4, 4)]]);
      const [written, read] = [model, downgradeOps(prepare(model, opset))];
      const of = async (one: typeof graph) =>
        new Map([...await byOnnxRuntime({ graph: one, feeds }, {})].map(([key, y]) => [key, floats(y)]));
      // Constants of four digits change a result by 4e-6.
      assert.ok(distance(await of(written), await of(read)) < 5e-6);
    });
  }
}

/** Their axes are attributes until opset 18. */
function hasReductions({ nodes }: typeof patterns[string]["graph"]): boolean {
  return nodes.some(({ opType }) => opType.startsWith("Reduce"));
}
