// A quantizer for every tensor of a model, by name: some are changed or disabled, all are calibrated in one sweep, and
// their amax becomes the Q/DQ nodes of the written file.
// npx deno run -A examples/descriptors/model_quantizers.ts
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { drawPictures } from "../../demo/draw.ts";
import {
  evaluate,
  load,
  modelInputs,
  openDataset,
  openMachine,
  quantize,
  quantizersOf,
  save,
} from "../../src/mod.ts";

const folder = await mkdtemp(join(tmpdir(), "halftone-"));
await drawPictures(folder, 16, 2);
const modelPath = "demo/shapes.onnx";
const model = await load(modelPath);
const images = await openDataset({ sources: [{ path: folder }], inputs: modelInputs(model), modelPath });
const machine = await openMachine("auto");

const quantizers = quantizersOf(model, {
  input: { calibMethod: "histogram" },
  single: { "/0/Conv.weight": { bits: 4, axis: 0 } },
});
quantizers.get("/9/Gemm.input").disable(); // The classifier reads floats,
quantizers.get("/9/Gemm.weight").disable(); // and multiplies floats.

quantizers.enableCalib();
await quantizers.collect(images, machine);
quantizers.disableCalib();
quantizers.loadCalibAmax({ method: "percentile", percentile: 99.99 });
console.log(`${quantizers}`);

const quantized = quantize(quantizers.graph, quantizers.encodings());
const { float, quantized: int8 } = await evaluate(model, quantized, images, machine);
console.log(`${images.count} pictures: ${float?.top1} % right in float, ${int8?.top1} % quantized`);
console.log(await save(quantized, join(folder, "shapes_int.onnx")));
machine.close();
