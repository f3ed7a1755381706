import assert from "node:assert/strict";
import test from "node:test";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { anyBatch, feedsOf } from "../../bench/engine/networks.ts";
import { load } from "../../src/mod.ts";
import { encodeModel } from "../../src/onnx/mod.ts";
import { floats } from "../../src/tensor/tensor.ts";
import { sharedPath, skipWithoutShared } from "../shared.ts";

test(
  "anyBatch: UltraFace gives for two images what it gives for each",
  { skip: skipWithoutShared },
  async () => {
    const graph = await load(sharedPath("models", "ultraface-rfb-320.onnx"));
    const model = anyBatch(graph);
    const session = await InferenceSession.create(encodeModel(model), { logSeverityLevel: 3 });
    const [[name, pair]] = feedsOf(model, 2);
    const values = floats(pair);
    const half = values.length / 2;
    const answer = (part: Float32Array, count: number) =>
      session.run({ [name]: new Tensor("float32", part, [count, ...pair.shape.slice(1)]) });
    const both = await answer(values, 2);
    const each = [await answer(values.slice(0, half), 1), await answer(values.slice(half), 1)];
    for (const output of graph.outputs) {
      const apart = each.flatMap((one) => [...one[output].data as Float32Array]);
      const together = both[output].data as Float32Array;
      assert.equal(together.length, apart.length);
      // A batch of one may be summed in other blocks than a batch of two.
      together.forEach((value, i) => assert.ok(Math.abs(value - apart[i]) <= 1e-5));
    }
    await session.release();
  },
);
