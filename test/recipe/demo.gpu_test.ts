// The demo's model on drawn pictures: Dawn, Deno's own WebGPU and the reference machine measure the same.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import test, { after, before } from "node:test";
import { drawPictures } from "../../demo/draw.ts";
import { openAdapter } from "../../src/device/adapter.ts";
import { gpuMachine } from "../../src/device/gpu_machine.ts";
import { openDevice } from "../../src/device/open_device.ts";
import {
  calibrate,
  type Calibration,
  evaluate,
  load,
  modelInputs,
  openDataset,
  quantize,
} from "../../src/mod.ts";
import { referenceMachine } from "../../src/plan/interpret.ts";
import type { Machine } from "../../src/plan/machine.ts";

const modelPath = "demo/shapes.onnx";
let folder: string;
let expected: Calibration;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "halftone-"));
  await drawPictures(folder, 4, 2);
  expected = (await measure(referenceMachine())).calibration;
});
after(() => rm(folder, { recursive: true, force: true }));

async function measure(machine: Machine) {
  const model = await load(modelPath);
  const data = await openDataset({ sources: [{ path: folder }], inputs: modelInputs(model), modelPath });
  try {
    const calibration = await calibrate(model, data, machine, { method: "maxmin" });
    const evaluation = await evaluate(
      model,
      quantize(calibration.graph, calibration.encodings),
      data,
      machine,
    );
    return { calibration, evaluation };
  } finally {
    machine.close();
  }
}

for (const runtime of ["dawn", "deno"] as const) {
  const skip = runtime === "deno" && !process.versions.deno && "Deno's own WebGPU is only in Deno";
  test(`calibrate and evaluate on ${runtime} agree with the reference machine`, { skip }, async () => {
    const opened = await openAdapter("auto", { runtime });
    const { calibration, evaluation } = await measure(gpuMachine(await openDevice(opened), opened));
    assert.ok(evaluation.agreement >= 0.9, `agreement is ${evaluation.agreement}`);
    for (const [name, { scale, zeroPoint }] of expected.encodings) {
      const found = calibration.encodings.get(name)!;
      // Extremes of activations differ as float32 sums do: by parts in a hundred thousand.
      scale.forEach((s, c) =>
        assert.ok(Math.abs(found.scale[c] / s - 1) < 1e-4, `${name}: ${found.scale[c]}, ${s}`)
      );
      zeroPoint.forEach((z, c) => assert.ok(Math.abs(found.zeroPoint[c] - z) <= 1, name));
    }
  });
}
