// Gradient steps on the device with every method: the demo's model, the same result for the same seed.
import assert from "node:assert/strict";
import test from "node:test";
import { finetune } from "../../src/mod.ts";
import { floats } from "../../src/tensor/tensor.ts";
import { openDrawnDemo } from "./drawn_demo.ts";

test("finetune: gradient steps lower errors, and the same seed gives the same weights", async () => {
  const { calibration, drawn, machine, close } = await openDrawnDemo(3);
  try {
    for (const method of ["adaquant", "adaround", "block"] as const) {
      const tuneDemo = () => finetune(calibration, drawn, machine, undefined, { method, steps: 12, seed: 3 });
      const [first, second] = [await tuneDemo(), await tuneDemo()];
      const { accepted, outputError, layers } = first.finetune!;
      assert.ok(accepted, `${method}: ${JSON.stringify(layers)}`);
      assert.ok(outputError.after < outputError.before);
      assert.ok(layers.some(({ why }) => !why), JSON.stringify(layers));
      for (const { name } of first.placed.weights) {
        const [a, b] = [first, second].map(({ graph }) => floats(graph.values.get(name)!.constant!));
        assert.deepEqual(a, b, `${method}: ${name}`);
      }
    }
  } finally {
    await close();
  }
});
