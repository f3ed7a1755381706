// A published recurrent speech model, its state [2, batch, 128] beside its input [batch, 576], with control
// flow: evaluation of single samples and of a recording equals ONNX Runtime's results for the exported file.
import assert from "node:assert/strict";
import test, { after } from "node:test";
import type { DatasetOptions } from "../../src/dataset/mod.ts";
import { calibrate, evaluate, type Graph, load, modelInputs, openDataset, quantize } from "../../src/mod.ts";
import { floats, type Tensor } from "../../src/tensor/tensor.ts";
import { gpu } from "../device/gpu.ts";
import { byOnnxRuntime } from "../ops/one_node.ts";
import { sharedPath, skipWithoutShared } from "../shared.ts";

const machine = await gpu("dawn");
after(() => machine.close());

const count = 24;
const path = sharedPath("models", "silero-vad.onnx");
const open = (model: Graph, part: string, options: Partial<DatasetOptions> = {}) =>
  openDataset({
    sources: [{ path: sharedPath("data", "speech", `${part}.npz`) }],
    inputs: modelInputs(model),
    sample: "first",
    count,
    ...options,
  });

test("silero-vad: batches, single samples and a chain in the decibels of ONNX Runtime", {
  skip: skipWithoutShared,
}, async () => {
  const model = await load(path);
  const calibration = await calibrate(model, await open(model, "calib"), machine);
  const coded = quantize(calibration.graph, calibration.encodings);
  const single = await open(model, "test", { batchSize: 1 });
  assert.deepEqual([...single.batchAxes], [["input", 0], ["state", 1]]);
  const samples: ReadonlyMap<string, Tensor>[] = [];
  for await (const { feeds } of single.batches()) samples.push(feeds);
  for (const chained of [false, true]) {
    const chain = new Map(chained ? [["state", "stateN"]] : []);
    const [x, y] = [await byRuntime(model, samples, chained), await byRuntime(coded, samples, chained)];
    const expected = ["output", "stateN"].map((name) => decibels(x.get(name)!, y.get(name)!));
    for (const batchSize of chained ? [8] : [1, 8]) {
      const data = await open(model, "test", { batchSize, chain });
      const { outputs, images } = await evaluate(model, coded, data, machine);
      assert.deepEqual([images, data.batchSize], [count, chained ? 1 : batchSize]);
      outputs.forEach(({ name, sqnrDb }, i) => {
        const label = `${name}, ${chained ? "chained" : `batches of ${batchSize}`}`;
        assert.ok(Math.abs(sqnrDb - expected[i]) < 0.2, `${label}: ${sqnrDb} dB, ${expected[i]} expected`);
        assert.ok(sqnrDb > 15, `${label}: ${sqnrDb} dB`);
      });
    }
  }
});

/** Each output over all samples, with the sample's own state or the previous output state. */
async function byRuntime(graph: Graph, samples: readonly ReadonlyMap<string, Tensor>[], chained: boolean) {
  const found = new Map<string, number[]>();
  let state = samples[0].get("state")!;
  for (const feeds of samples) {
    const outputs = await byOnnxRuntime({
      graph,
      feeds: chained ? new Map([...feeds, ["state", state]]) : feeds,
    });
    for (const [name, output] of outputs) found.set(name, [...found.get(name) ?? [], ...floats(output)]);
    state = outputs.get("stateN")!;
  }
  return found;
}

function decibels(x: readonly number[], y: readonly number[]): number {
  const [signal, noise] = x.reduce(([s, n], v, i) => [s + v * v, n + (v - y[i]) ** 2], [0, 0]);
  return 10 * Math.log10(signal / noise);
}
