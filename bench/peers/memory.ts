// Peak memory on many images: halftone's sweep, which gathers the statistics of every method, beside quantize_static
// with percentiles, which keeps all activations and may fail at a memory limit.
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Batch, Batches } from "../../src/plan/machine.ts";
import { calibrationCost, type Cost } from "../child.ts";
import { models, openModel } from "../models.ts";
import type { Report, Row } from "../report.ts";
import { inTempFolder } from "../temp_folder.ts";
import { type Failure, runPython } from "./python_tools.ts";
import { writeSamples } from "./samples.ts";

const modelName = "squeezenet1.1-imagenet";
const judgedImages = 1000;
const counts = [50, 100, 200, judgedImages];
/** Memory limit of quantize_static. */
const mostGigabytes = 14;
/** Share of quantize_static's memory that halftone may use. */
const largestShare = 1 / 10;

type Flags = { readonly shared: string; readonly python: string; readonly images?: number };
type Measured = { readonly images: number } & (Cost | Failure);

export function measurePeaks(
  { shared, python, images }: Flags,
  hasPeer: boolean,
  report: Report,
): Promise<Row[]> {
  return inTempFolder(async (folder) => {
    const model = await openModel(models.find(({ name }) => name === modelName)!, shared);
    const [ours, theirs]: [Measured[], Measured[]] = [[], []];
    for (const count of images === undefined ? counts : [images]) {
      const data = await model.open(model.evaluation, count);
      const batches = () => repeatImages(data.batches, count);
      const samples = await writeSamples({ batches }, join(folder, "samples"));
      const options = ["--model", model.path, "--data", samples, "--output", join(folder, "out")];
      ours.push({ images: count, ...await calibrationCost(...options) });
      report.note(JSON.stringify(ours.at(-1)));
      if (hasPeer) {
        const job = { model: model.path, samples, output: join(folder, "ort_int8.onnx") };
        const limits = ["Percentile", "--most-gigabytes", String(mostGigabytes)];
        theirs.push({ images: count, ...await runPython("onnxruntime", python, job, limits) });
        report.note(JSON.stringify(theirs.at(-1)));
      }
      await rm(samples, { recursive: true });
    }
    return memoryRows(ours, theirs);
  });
}

/** Repeats images if there are too few, which makes no difference to the tools. */
async function* repeatImages(batches: Batches, images: number): AsyncGenerator<Batch> {
  for (let left = images; left > 0;) {
    for await (const batch of batches()) {
      if (left <= 0) return;
      const count = Math.min(left, batch.count);
      left -= count;
      yield { ...batch, count };
    }
  }
}

/** On 1,000 images halftone must stay under a tenth of the memory that quantize_static took, even if it gave up. */
export function memoryRows(ours: readonly Measured[], theirs: readonly Measured[]): Row[] {
  const rows = ours.map((one): Row => {
    const peer = theirs.find(({ images }) => images === one.images);
    const share = peer?.peakBytes && one.peakBytes! / peer.peakBytes;
    const row = { tool: "halftone", method: "every method", ...columns(one), share };
    if (share === undefined || one.images < judgedImages) return row;
    return { ...row, bound: `< ${largestShare}`, verdict: share < largestShare ? "kept" : "missed" };
  });
  return [...rows, ...theirs.map((one) => ({ tool: "onnxruntime", method: "Percentile", ...columns(one) }))];
}

function columns(one: Measured): Row {
  const gaveUp = "failed" in one &&
    `gave up at ${mostGigabytes} GB after ${one.samplesRead} images: ${one.failed}`;
  return {
    images: one.images,
    peak_bytes: one.peakBytes,
    seconds: "seconds" in one ? one.seconds : undefined,
    ...(gaveUp && { note: gaveUp }),
  };
}
