import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { type ModelInput, openDataset } from "../../src/dataset/mod.ts";

const skip = existsSync("../shared/data") ? false : "../shared with its models and pictures is not here";
const input = (name: string, ...shape: (number | string)[]): ModelInput => ({
  name,
  shape,
  dtype: "float32",
});

const sets = [
  ["resnet20-cifar10", "cifar10/calib", input("input", "N", 3, 32, 32), 1000],
  ["mlperf-tiny-resnet8", "cifar10/calib", input("input", "N", 3, 32, 32), 1000],
  ["squeezenet1.1-imagenet", "imagenet", input("data", "N", 3, 227, 227), 500],
  ["mlperf-tiny-vww", "imagenet", input("input", "N", 3, 96, 96), 500],
  ["ultraface-rfb-320", "faces", input("input", 1, 3, 240, 320), 12],
] as const;

for (const [model, folder, wanted, count] of sets) {
  test(`openDataset feeds ${model} from ${folder}`, { skip }, async () => {
    const path = `../shared/data/${folder}`;
    const data = await openDataset({
      sources: [{ path }],
      inputs: [wanted],
      modelPath: `../shared/models/${model}.onnx`,
    });
    let samples = 0;
    for await (const batch of data.batches()) {
      samples += batch.count;
      assert.deepEqual(batch.feeds.get(wanted.name)!.shape, data.shapes.get(wanted.name));
    }
    assert.deepEqual([samples, data.count, data.skipped()], [count, count, []]);
    assert.equal(data.labelled, folder !== "faces");
  });
}
