// A real model with weights of four bits: two per byte in the file, eight per word on the device, with the same
// results.
import assert from "node:assert/strict";
import test from "node:test";
import {
  calibrate,
  type Graph,
  load,
  modelInputs,
  openDataset,
  openMachine,
  quantize,
} from "../../src/mod.ts";
import { integerForm } from "../../src/passes/integer_form.ts";
import { planFor } from "../../src/passes/specialize.ts";
import { upgradeOpset } from "../../src/passes/upgrade_opset.ts";
import { floats } from "../../src/tensor/tensor.ts";
import { sharedPath, skipWithoutShared } from "../shared.ts";

test(
  "mlperf-tiny-resnet8 in int4 gives the results of the same codes in int8, with every product in four bits",
  {
    skip: skipWithoutShared,
  },
  async () => {
    const path = sharedPath("models", "mlperf-tiny-resnet8.onnx");
    const model = await load(path);
    const data = await openDataset({
      sources: [{ path: sharedPath("data", "cifar10/calib") }],
      inputs: modelInputs(model),
      modelPath: path,
      count: 32,
    });
    const machine = await openMachine("auto");
    try {
      const { graph, encodings } = await calibrate(model, data, machine, { weightBits: 4 });
      const bytes = quantize(graph, encodings, "bytes");
      const halves = quantize(graph, encodings);
      const [name] = bytes.inputs;
      const planOf = (graph: Graph, shape: readonly number[]) =>
        planFor(integerForm(upgradeOpset(21)(graph)), new Map([[name, shape]]));
      for await (const { feeds } of data.batches()) {
        const plans = [bytes, halves].map((one) => planOf(one, feeds.get(name)!.shape));
        const stems = plans.map(({ calls }) =>
          calls.map(({ kernel, numbers }) => kernel.stem + (numbers.nibbles ? " nibbles" : ""))
        );
        assert.deepEqual(
          stems[1],
          stems[0].map((stem) => stem.replace("qconv2d_tiled", "qconv2d_tiled nibbles")),
        );
        assert.ok(stems[1].includes("qconv2d_tiled nibbles"));
        const [wide, narrow] = [await machine.run(plans[0], feeds), await machine.run(plans[1], feeds)];
        for (const output of bytes.outputs) {
          assert.deepEqual(floats(narrow.get(output)!), floats(wide.get(output)!));
        }
      }
    } finally {
      machine.close();
    }
  },
);
