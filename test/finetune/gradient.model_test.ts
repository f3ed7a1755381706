// Gradient steps on a real model: a few steps on few pictures already recover most of what four-bit weights lose.
import assert from "node:assert/strict";
import test from "node:test";
import { calibrate, finetune, load, modelInputs, openDataset, openMachine } from "../../src/mod.ts";
import { sharedPath, skipWithoutShared } from "../shared.ts";

test("mlperf-tiny-resnet8 by adaquant: the output error falls to a quarter", {
  skip: skipWithoutShared,
}, async () => {
  const path = sharedPath("models", "mlperf-tiny-resnet8.onnx");
  const model = await load(path);
  const data = await openDataset({
    sources: [{ path: sharedPath("data", "cifar10/calib") }],
    inputs: modelInputs(model),
    modelPath: path,
    count: 64,
  });
  const machine = await openMachine("auto");
  try {
    const calibration = await calibrate(model, data, machine, { weightBits: 4 });
    const tuned = await finetune(calibration, data, machine, undefined, { method: "adaquant", steps: 60 });
    const { before, after } = tuned.finetune!.outputError;
    assert.ok(after < before / 4, `${before} to ${after}`);
  } finally {
    machine.close();
  }
});
