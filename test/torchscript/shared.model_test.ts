// The shared models as TorchScript files, run by torch: a DPU's are equal to halftone's run of the device's arithmetic,
// up to the noise of Exp and Softmax; their inputs are made up.
import assert from "node:assert/strict";
import test from "node:test";
import { calibrate, exportAs, load, quantize, tensor } from "../../src/mod.ts";
import { referenceMachine } from "../../src/plan/interpret.ts";
import { exportFormRow } from "../../src/quantize/forms/all.ts";
import { runner } from "../../src/run/runner.ts";
import { elementCount, type Shape } from "../../src/tensor/shape.ts";
import { floats, type Tensor } from "../../src/tensor/tensor.ts";
import { sharedPath, skipWithoutShared } from "../shared.ts";
import { askTorch, skipWithoutTorch } from "./torch.ts";

/** Numbers between 0 and 1, the same in every run. */
function noise(count: number, seed: number): number[] {
  let state = seed;
  return Array.from({ length: count }, () => {
    state = (state * 1103515245 + 12345) % 2 ** 31;
    return state / 2 ** 31;
  });
}

const picture = (...shape: number[]) => ({ shape, most: 1 });
const words = (most: number, ...shape: number[]) => ({ shape, most, areWords: true });
type Made = { readonly shape: Shape; readonly most: number; readonly areWords?: boolean };

const models: Readonly<Record<string, Readonly<Record<string, Made>>>> = {
  "mlperf-tiny-resnet8": { input: picture(2, 3, 32, 32) },
  "resnet20-cifar10": { input: picture(3, 3, 32, 32) },
  "mlperf-tiny-vww": { input: picture(1, 3, 96, 96) },
  "squeezenet1.1-imagenet": { data: picture(1, 3, 227, 227) },
  "ultraface-rfb-320": { input: picture(1, 3, 240, 320) },
  "efficientnet-lite0-imagenet": { images: picture(1, 3, 224, 224) },
  "ppocr-v4-rec": { x: picture(1, 3, 48, 96) },
  "yolox-nano-coco": { images: { shape: [1, 3, 416, 416], most: 100 } },
  bard: { input_ids: words(1000, 1, 9) },
  "all-minilm-l6-v2": {
    input_ids: words(30000, 2, 7),
    attention_mask: { shape: [2, 7], most: 1, areWords: true },
    token_type_ids: words(2, 2, 7),
  },
};

function made({ shape, most, areWords }: Made, seed: number): Tensor {
  const values = noise(elementCount(shape), seed);
  if (!areWords) return tensor("float32", shape, values.map((value) => (2 * value - 1) * most));
  return tensor("int64", shape, values.map((value) => most === 1 ? 1 : Math.floor(value * most)));
}

const skip = skipWithoutShared || skipWithoutTorch;
for (const [name, inputs] of Object.entries(models)) {
  test(`${name} on a DPU: torch computes what halftone does`, { skip }, async () => {
    const machine = referenceMachine();
    const feedsOf = (seed: number) =>
      new Map(Object.entries(inputs).map(([input, one], i) => [input, made(one, seed + i)]));
    const data = {
      count: 1,
      batches: async function* () {
        yield { feeds: feedsOf(12345), count: 1 };
      },
    };
    const model = await load(sharedPath("models", `${name}.onnx`));
    const { graph, encodings } = await calibrate(model, data, machine, { preset: "dpu" });
    const form = exportAs("torchscript", quantize(graph, encodings));
    const archive = exportFormRow("torchscript").file!.encode(form);
    const feeds = feedsOf(99);
    const [answer] = askTorch([{ archive, inputs: form.inputs.map((input) => feeds.get(input)!) }]);
    assert.ok("results" in answer, JSON.stringify(answer));
    const run = runner(machine, form);
    const expected = await run(feeds);
    run.release();
    form.outputs.forEach((output, i) => {
      const [ours, theirs] = [floats(expected.get(output)!), floats(answer.results[i])];
      const largest = ours.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      const apart = ours.reduce((most, value, k) => Math.max(most, Math.abs(value - theirs[k])), 0);
      // Sums of products of codes are exact in float32; Exp and Softmax after them differ in the last place.
      assert.ok(apart <= 1e-6 * Math.max(1, largest), `${output} differs by ${apart} of ${largest}`);
    });
  });
}
