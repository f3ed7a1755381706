// Gradient steps on the device: the demo's model, every method, the same answer for the same seed.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { drawPictures } from "../../demo/draw.ts";
import { calibrate, finetune, load, modelInputs, openDataset, openMachine } from "../../src/mod.ts";
import { floats } from "../../src/tensor/tensor.ts";

const modelPath = "demo/shapes.onnx";

test("finetune: gradient steps lower errors, and the same seed gives the same weights", async () => {
  const folder = await mkdtemp(join(tmpdir(), "halftone-"));
  const machine = await openMachine("auto");
  try {
    await drawPictures(folder, 8, 2);
    const model = await load(modelPath);
    const drawn = await openDataset({ sources: [{ path: folder }], inputs: modelInputs(model), modelPath });
    const calibration = await calibrate(model, drawn, machine, { weightBits: 3 });
    for (const method of ["adaquant", "adaround", "block"] as const) {
      const tuned = () => finetune(calibration, drawn, machine, undefined, { method, steps: 12, seed: 3 });
      const [first, second] = [await tuned(), await tuned()];
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
    machine.close();
    await rm(folder, { recursive: true, force: true });
  }
});
