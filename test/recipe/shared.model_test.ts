// Whole models on real data: our float arithmetic against ONNX Runtime's, the exported int8 model run by ONNX Runtime
// against our own evaluation of it, and what quantization costs. The full table is `deno task bench -- accuracy`.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { after } from "node:test";
import * as ort from "onnxruntime-node";
import { argmax } from "../../src/evaluate/metrics.ts";
import {
  calibrate,
  type Dataset,
  evaluate,
  type Graph,
  load,
  type Machine,
  modelInputs,
  openDataset,
  openMachine,
  quantize,
  save,
} from "../../src/mod.ts";
import { integerForm } from "../../src/passes/integer_form.ts";
import { sweep } from "../../src/run/sweep.ts";
import { plannedOpset, upgradeOpset } from "../../src/passes/upgrade_opset.ts";
import { prepare } from "../../src/recipe.ts";
import { floats } from "../../src/tensor/tensor.ts";
import { sharedPath, skipWithoutShared } from "../shared.ts";

type Row = {
  model: string;
  calibration: string;
  calibrationImages: number;
  evaluation: string;
  images: number;
  /** Least share of equal top-1 of float and int8; with labels, the largest loss of accuracy in points. */
  agreement?: number;
  lost?: number;
  /** Least SQNR of an output, in dB. */
  sqnr?: { output: string; db: number };
};

// Bounds leave room for the small number of images; the full sets have tighter ones in bench/accuracy.ts.
const rows: Row[] = [
  {
    model: "mlperf-tiny-resnet8",
    calibration: "cifar10/calib",
    calibrationImages: 200,
    evaluation: "cifar10/test",
    images: 400,
    agreement: 0.96,
    lost: 1.5,
  },
  {
    model: "resnet20-cifar10",
    calibration: "cifar10/calib",
    calibrationImages: 200,
    evaluation: "cifar10/test",
    images: 400,
    agreement: 0.97,
    lost: 1.5,
  },
  {
    model: "squeezenet1.1-imagenet",
    calibration: "imagenet",
    calibrationImages: 40,
    evaluation: "imagenet",
    images: 80,
    agreement: 0.9,
    lost: 5,
  },
  {
    model: "mlperf-tiny-vww",
    calibration: "imagenet",
    calibrationImages: 64,
    evaluation: "imagenet",
    images: 200,
    agreement: 0.975,
  },
  {
    model: "ultraface-rfb-320",
    calibration: "faces",
    calibrationImages: 12,
    evaluation: "faces",
    images: 12,
    sqnr: { output: "scores", db: 20 },
  },
];

let machine: Machine | undefined;
const onMachine = async () => machine ??= await openMachine("auto");
after(() => machine?.close());

for (const row of rows) {
  test(
    `${row.model} keeps its answers in int8, here and in ONNX Runtime`,
    { skip: skipWithoutShared },
    async () => {
      const gpu = await onMachine();
      const path = sharedPath("models", `${row.model}.onnx`);
      const model = await load(path);
      const open = (folder: string, count: number) =>
        openDataset({
          sources: [{ path: sharedPath("data", folder) }],
          inputs: modelInputs(model),
          modelPath: path,
          count,
        });
      const data = await open(row.evaluation, row.images);
      await floatAgrees(model, path, data, gpu);
      const calibration = await calibrate(model, await open(row.calibration, row.calibrationImages), gpu);
      const quantized = quantize(calibration.graph, calibration.encodings);
      const found = await evaluate(model, quantized, data, gpu);
      assert.ok(found.agreement >= (row.agreement ?? 0), `agreement is ${found.agreement}`);
      if (row.lost) assert.ok(found.quantized!.top1 >= found.float!.top1 - row.lost, JSON.stringify(found));
      const output = found.outputs.find(({ name }) => name === row.sqnr?.output);
      if (row.sqnr) assert.ok(output!.sqnrDb >= row.sqnr.db, `${output!.name} has ${output!.sqnrDb} dB`);
      await exportAgrees(quantized, data, gpu, row.sqnr === undefined);
    },
  );
}

/** The norm of the difference over the norm is at most 1e-4: float32 sums in another order. */
async function floatAgrees(model: Graph, path: string, data: Dataset, gpu: Machine) {
  const session = await ort.InferenceSession.create(path, { logSeverityLevel: 3 });
  const sums = new Map<string, [number, number]>();
  let batches = 0;
  for await (const { batch, outputs } of sweep(gpu, [prepare(model, 13)], data.batches())) {
    const wanted = await session.run(feedsOf(batch.feeds));
    for (const [name, tensor] of outputs[0]) {
      const [difference, size] = sums.get(name) ?? [0, 0];
      const [x, y] = [floats(tensor), wanted[name].data as Float32Array];
      const [d, s] = x.reduce(([d, s], v, i) => [d + (v - y[i]) ** 2, s + y[i] ** 2], [0, 0]);
      sums.set(name, [difference + d, size + s]);
    }
    if (++batches === 3) break;
  }
  for (const [name, [d, s]] of sums) assert.ok(Math.sqrt(d / s) <= 1e-4, `${name}: ${Math.sqrt(d / s)}`);
}

/** Both compute on the same integers: every image has the same top-1. */
async function exportAgrees(quantized: Graph, data: Dataset, gpu: Machine, classifies: boolean) {
  const folder = await mkdtemp(join(tmpdir(), "halftone-"));
  try {
    const path = join(folder, "int8.onnx");
    await save(quantized, path);
    const session = await ort.InferenceSession.create(path, { logSeverityLevel: 3 });
    let [agreed, images] = [0, 0];
    const onCodes = integerForm(upgradeOpset(plannedOpset)(quantized));
    for await (const { batch, outputs } of sweep(gpu, [onCodes], data.batches())) {
      const theirs = await session.run(feedsOf(batch.feeds));
      const [[name, tensor]] = outputs[0];
      const [x, y] = [floats(tensor), theirs[name].data as Float32Array];
      const width = x.length / tensor.shape[0];
      for (let i = 0; i < batch.count; i++) {
        const [from, to] = [i * width, (i + 1) * width];
        if (argmax(x, from, to) === argmax(y, from, to)) agreed++;
      }
      images += batch.count;
    }
    if (classifies) assert.equal(agreed, images, "answers that ONNX Runtime gives too");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function feedsOf(feeds: ReadonlyMap<string, { bytes: Uint8Array; shape: readonly number[] }>) {
  return Object.fromEntries(
    [...feeds].map(([name, { bytes, shape }]) => [
      name,
      new ort.Tensor("float32", new Float32Array(bytes.slice().buffer), [...shape]),
    ]),
  );
}

test("quantize keeps opset 9 nodes if scales are per tensor: Q/DQ needs opset 11 only", {
  skip: skipWithoutShared,
}, async () => {
  const path = sharedPath("models", "ultraface-rfb-320.onnx");
  const model = await load(path);
  const data = await openDataset({
    sources: [{ path: sharedPath("data", "faces") }],
    inputs: modelInputs(model),
    modelPath: path,
    count: 4,
  });
  const gpu = await onMachine();
  const calibration = await calibrate(model, data, gpu, { perChannel: false });
  const quantized = quantize(model, calibration.encodings);
  // ONNX Runtime quantizes biases of an opset 10 file by a Round, which that opset lacks.
  assert.equal(quantized.opset, 11);
  assert.ok(
    quantized.nodes.some(({ opType, attributes }) => opType === "Unsqueeze" && attributes.has("axes")),
  );
  await exportAgrees(quantized, data, gpu, false);
  const { outputs } = await evaluate(model, quantized, data, gpu);
  assert.ok(outputs[0].sqnrDb > 15, `${outputs[0].name} has ${outputs[0].sqnrDb} dB`);
});
