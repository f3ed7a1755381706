// Every code of the shared models in int8 against ONNX Runtime's CPU provider, on both WebGPU implementations: all
// values of codes become outputs.
import assert from "node:assert/strict";
import test, { after } from "node:test";
import { calibrate, type Graph, load, modelInputs, openDataset, quantize } from "../../src/mod.ts";
import { integerForm } from "../../src/passes/integer_form.ts";
import { plansOf } from "../../src/run/stages.ts";
import { plannedOpset, upgradeOpset } from "../../src/passes/upgrade_opset.ts";
import { gpu } from "../device/gpu.ts";
import { byOnnxRuntime } from "../ops/one_node.ts";
import { sharedPath, skipWithoutShared } from "../shared.ts";

const models = [
  { name: "mlperf-tiny-resnet8", data: "cifar10/test" },
  { name: "resnet20-cifar10", data: "cifar10/test" },
  { name: "squeezenet1.1-imagenet", data: "imagenet" },
  { name: "mlperf-tiny-vww", data: "imagenet" },
  { name: "ultraface-rfb-320", data: "faces" },
];

const runtimes = "Deno" in globalThis ? ["dawn", "deno"] as const : ["dawn"] as const;

for (const runtime of runtimes) {
  const machine = await gpu(runtime);
  after(() => machine.close());

  for (const { name, data } of models) {
    test(`${name} on ${runtime}: every code of every layer equals ONNX Runtime's`, {
      skip: skipWithoutShared,
    }, async () => {
      const path = sharedPath("models", `${name}.onnx`);
      const model = await load(path);
      const images = await openDataset({
        sources: [{ path: sharedPath("data", data) }],
        inputs: modelInputs(model),
        modelPath: path,
        count: 8,
      });
      const calibration = await calibrate(model, images, machine);
      const graph = withCodesAsOutputs(quantize(calibration.graph, calibration.encodings));
      const plans = plansOf(integerForm(upgradeOpset(plannedOpset)(graph)));
      const differing: string[] = [];
      for await (const { feeds } of images.batches()) {
        const theirs = await byOnnxRuntime({ graph, feeds }, { graphOptimizationLevel: "all" });
        const plan = plans(feeds);
        const ours = await machine.run(plan, feeds);
        for (const code of graph.outputs) {
          const [x, y] = [ours, theirs].map((found) => found.get(code)!.bytes);
          const count = x.reduce((sum, byte, i) => sum + Number(byte !== y[i]), 0);
          if (count > 0 || x.length !== y.length) differing.push(`${code}: ${count} of ${x.length}`);
        }
        machine.release(plan);
      }
      assert.deepEqual(differing, []);
    });
  }
}

function withCodesAsOutputs(graph: Graph): Graph {
  const codes = graph.nodes.filter(({ opType }) => opType === "QuantizeLinear").flatMap(({ outputs }) =>
    outputs
  );
  assert.ok(codes.length > 0);
  return { ...graph, outputs: codes };
}
