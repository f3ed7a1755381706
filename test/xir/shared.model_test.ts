// The .xmodel files of the shared models, run by the interpreter, against the same arithmetic on a WebGPU device.
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { after } from "node:test";
import { calibrate, exportAs, load, modelInputs, openDataset, quantize } from "../../src/mod.ts";
import { gpu } from "../device/gpu.ts";
import { sharedPath, skipWithoutShared } from "../shared.ts";
import { differencesOf } from "./agreement.ts";

const models = [
  { name: "mlperf-tiny-resnet8", data: "cifar10/test" },
  { name: "resnet20-cifar10", data: "cifar10/test" },
  { name: "mlperf-tiny-vww", data: "imagenet" },
  { name: "squeezenet1.1-imagenet", data: "imagenet" },
  { name: "efficientnet-lite0-imagenet", data: "imagenet" },
  { name: "ultraface-rfb-320", data: "faces" },
  {
    name: "yolox-nano-coco",
    data: "coco/calib",
    steps: { size: { height: 416, width: 416 }, do_normalize: false },
  },
];

const machine = await gpu("dawn");
const folder = await mkdtemp(join(tmpdir(), "halftone-xmodel-"));
after(async () => {
  await machine.close();
  await rm(folder, { recursive: true });
});

for (const { name, data, steps } of models) {
  test(`${name}: the file computes the same codes`, { skip: skipWithoutShared }, async (t) => {
    const modelPath = sharedPath("models", `${name}.onnx`);
    const model = await load(modelPath);
    const preprocess = join(folder, `${name}.json`);
    if (steps) await writeFile(preprocess, JSON.stringify(steps));
    const images = await openDataset({
      sources: [{ path: sharedPath("data", data) }],
      inputs: modelInputs(model),
      modelPath,
      count: 2,
      batchSize: 1,
      ...(steps && { preprocess }),
    });
    const { graph, encodings } = await calibrate(model, images, machine, { preset: "dpu" });
    const form = exportAs("xmodel", quantize(graph, encodings));
    for await (const { feeds } of images.batches()) {
      const { elements, differing, largest } = await differencesOf(form, feeds, machine);
      t.diagnostic(`${differing} of ${elements} differ, by ${largest} at most`);
      // Functions that stay float (Softmax, Sigmoid, Exp) differ in their last bits; one code would be 2^−12 or more.
      assert.ok(largest <= 2 ** -14, `${differing} of ${elements} differ, by ${largest} at most`);
    }
  });
}
