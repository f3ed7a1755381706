// Peak memory on many images: halftone's sweep, which gathers every method's statistics, beside quantize_static with
// percentile, which keeps all activations. Where the machine is too small for that, it is let fail at a limit, and
// what it needs by image is taken from runs that end.
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
const counts = [50, 100, 200, 1000];
/** What quantize_static may take of the machine. */
const mostGigabytes = 14;
/** Of what quantize_static takes, on the most images. */
const largestShare = 1 / 10;

type Flags = { readonly shared: string; readonly python: string; readonly images?: number };
type Measured = { readonly images: number } & (Cost | Failure);

export async function measureSweeps(
  { shared, python, images: most = Infinity }: Flags,
  hasPeer: boolean,
  report: Report,
): Promise<Row[]> {
  const model = await openModel(models.find(({ name }) => name === modelName)!, shared);
  const folder = await mkdtemp(join(tmpdir(), "halftone-"));
  try {
    const ours: Measured[] = [];
    const theirs: Measured[] = [];
    for (const images of counts.filter((count) => count <= most)) {
      const data = await model.open(model.evaluation, images);
      const samples = await writeSamples(
        { batches: () => repeated(data.batches, images) },
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
async function* repeated(batches: Batches, images: number): AsyncGenerator<Batch> {
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

/**
 * One row a run. On the most images halftone must stay under a tenth of what quantize_static takes, which is measured
 * where it ends and else follows from the two largest runs that do, as all of its growth is kept activations.
 */
export function memoryRows(ours: readonly Measured[], theirs: readonly Measured[]): Row[] {
  const most = ours.at(-1)!;
  const needed = neededBy(most.images, theirs);
  const rows: Row[] = ours.map((one) => ({ tool: "halftone", method: "every method", ...columns(one) }));
  if (needed !== undefined) {
    const share = most.peakBytes! / needed;
    rows[rows.length - 1] = {
      ...rows.at(-1),
      share_of_quantize_static: share,
      bound: `< ${largestShare}`,
      verdict: share < largestShare ? "kept" : "missed",
    };
  }
  for (const one of theirs) {
    const extrapolated = "failed" in one ? neededBy(one.images, theirs) : undefined;
    rows.push({
      tool: "quantize_static",
      method: "Percentile",
      ...columns(one),
      extrapolated_bytes: extrapolated,
    });
  }
  return rows;
}

function columns(one: Measured): Row {
  return {
    images: one.images,
    peak_bytes: one.peakBytes,
    seconds: "seconds" in one ? one.seconds : undefined,
    note: "failed" in one
      ? `gave up at ${mostGigabytes} GB after ${one.samplesRead} images: ${one.failed}`
      : undefined,
  };
}

function neededBy(images: number, measured: readonly Measured[]): number | undefined {
  const ended = measured.filter((one) => !("failed" in one));
  const found = ended.find((one) => one.images === images);
  if (found) return found.peakBytes;
  const [few, many] = ended.slice(-2);
  if (many === undefined) return undefined;
  const bytesPerImage = (many.peakBytes! - few.peakBytes!) / (many.images - few.images);
  return many.peakBytes! + (images - many.images) * bytesPerImage;
}
