// Peak memory on many images: halftone's sweep, which gathers every method's statistics, beside quantize_static with
// percentile, which keeps all activations. Where the machine is too small for that, it is let fail at a limit.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { Batch, Batches } from "../../src/plan/machine.ts";
import { jsonFrom } from "../child.ts";
import { models, openModel } from "../models.ts";
import type { Report, Row } from "../report.ts";
import { type Cost, type Failure, runPython } from "./python_tools.ts";
import { writeSamples } from "./samples.ts";

const modelName = "squeezenet1.1-imagenet";
const judgedImages = 1000;
const counts = [50, 100, 200, judgedImages];
/** What quantize_static may take of the machine. */
const mostGigabytes = 14;
/** Of what quantize_static takes. */
const largestShare = 1 / 10;

type Flags = { readonly shared: string; readonly python: string; readonly images?: number };
type Measured = { readonly images: number } & (Cost | Failure);

export async function measurePeaks(
  { shared, python, images: asked }: Flags,
  hasPeer: boolean,
  report: Report,
): Promise<Row[]> {
  const model = await openModel(models.find(({ name }) => name === modelName)!, shared);
  const folder = await mkdtemp(join(tmpdir(), "halftone-"));
  try {
    const ours: Measured[] = [];
    const theirs: Measured[] = [];
    for (const images of asked === undefined ? counts : [asked]) {
      const data = await model.open(model.evaluation, images);
      const samples = await writeSamples(
        { batches: () => repeatImages(data.batches, images) },
        join(folder, "samples"),
      );
      ours.push({ images, ...await sweep(model.path, samples, join(folder, "out")) });
      report.note(JSON.stringify(ours.at(-1)));
      if (hasPeer) {
        const work = { model: model.path, samples, output: join(folder, "ort_int8.onnx") };
        const words = ["Percentile", "--most-gigabytes", String(mostGigabytes)];
        theirs.push({ images, ...await runPython("onnxruntime", python, work, words) });
        report.note(JSON.stringify(theirs.at(-1)));
      }
      await rm(samples, { recursive: true });
    }
    return memoryRows(ours, theirs);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The same images again where there are too few; the tools do not know. */
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

const program = fileURLToPath(new URL("../../cli/main.ts", import.meta.url));

async function sweep(model: string, samples: string, output: string): Promise<Cost> {
  const started = performance.now();
  const found = await jsonFrom(process.execPath, [
    ...["run", "-A", "--quiet", program, "calib", "--json", "--quiet"],
    ...["--model", model, "--data", samples, "--output", output],
  ]);
  return { seconds: (performance.now() - started) / 1000, peakBytes: found.peak_rss_bytes as number };
}

/** On 1,000 images halftone must stay under a tenth of what quantize_static takes, or took when it gave up. */
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
