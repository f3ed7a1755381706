import assert from "node:assert/strict";
import { test } from "node:test";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { drawPictures } from "../../demo/draw.ts";
import { openDataset } from "../../src/dataset/mod.ts";
import { numbers } from "../../src/tensor/tensor.ts";
import { inFolder } from "../dataset/folder.ts";

const model = "demo/shapes.onnx";

test("shapes.onnx knows freshly drawn pictures, and not all of them", async () => {
  const session = await InferenceSession.create(model);
  await inFolder({}, async (folder) => {
    await drawPictures(folder, 50, 3);
    const inputs = [{ name: "image", shape: ["N", 3, 32, 32], dtype: "float32" }] as const;
    const data = await openDataset({ sources: [{ path: folder }], inputs, modelPath: model, batchSize: 50 });
    let right = 0;
    for await (const { feeds, labels, count } of data.batches()) {
      const image = feeds.get("image")!;
      const { scores } = await session.run({
        image: new Tensor("float32", Float32Array.from(numbers(image)), image.shape),
      });
      const all = scores.data as Float32Array;
      for (let i = 0; i < count; i++) {
        const own = all.subarray(8 * i, 8 * i + 8);
        if (own.indexOf(Math.max(...own)) === labels![i]) right++;
      }
    }
    // 95.6 % of 1,000: four standard deviations of 400 pictures are 4.1 %.
    assert.ok(right / data.count > 0.915 && right < data.count, `${right} of ${data.count} right`);
  });
});
