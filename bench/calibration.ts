// The cost of calibration: time with all four methods in one sweep, relative to a plain forward pass; peak memory,
// beside ONNX Runtime's quantize_static on the same images.
import { Option } from "commander";
import { join } from "node:path";
import { whole } from "../cli/options/option.ts";
import { calibrate } from "../src/mod.ts";
import { plannedOpset } from "../src/passes/upgrade_opset.ts";
import type { Batch, Batches, Machine } from "../src/plan/machine.ts";
import { prepare } from "../src/recipe.ts";
import { sweep } from "../src/run/sweep.ts";
import { medianOf } from "../src/tensor/median.ts";
import type { Bench, SharedFlags } from "./bench.ts";
import { calibrationCost, type Cost } from "./child.ts";
import { models, type OpenedModel, openModel, selectModels } from "./models.ts";
import { runPython, versionOf } from "./peers/python_tools.ts";
import { writeSamples } from "./peers/samples.ts";
import type { Report, Row } from "./report.ts";
import { inTempFolder } from "./temp_folder.ts";
import { spreadText, timeInterleaved } from "./timing.ts";

type Flags = SharedFlags & { readonly rounds: number; readonly python: string };

/** Enough images for a pass of some seconds on a software adapter. */
const timedImages: Readonly<Record<string, number>> = {
  "mlperf-tiny-resnet8": 500,
  "resnet20-cifar10": 250,
  "mlperf-tiny-vww": 480,
  "squeezenet1.1-imagenet": 48,
};
const mostTimes = 1.25;
const mostGrowth = 1.1;

export const calibration: Bench<Flags> = {
  summary: "calibration against a forward pass: time; memory, beside ONNX Runtime's quantize_static",
  options: [
    new Option("--rounds <N>", "timed rounds of calibration and forward pass").argParser(whole(5, 1000))
      .default(10),
    new Option("--python <FILE>", "interpreter that has onnx and onnxruntime, for the comparison")
      .env("PYTHON").default("python3"),
  ],
  timed: true,
  async run(machine, flags, report) {
    const rows: Row[] = [];
    for (const chosen of selectModels(flags.only).filter(({ name }) => name in timedImages)) {
      rows.push(...await timeModel(await openModel(chosen, flags.shared), machine, flags, report));
    }
    report.table("Time of calibration, four methods in one sweep, over time of a forward pass", rows);
    const memory = await measureMemory(flags, report);
    report.table("Peak memory of calibration, resnet8", memory);
    return [...rows, ...memory].every(({ verdict }) => verdict !== "missed");
  },
};

async function timeModel(model: OpenedModel, machine: Machine, flags: Flags, report: Report): Promise<Row[]> {
  // Which images hardly affects the time; the larger folder has enough of them.
  const dataset = await model.open(model.evaluation, flags.images ?? timedImages[model.name]);
  const kept: Batch[] = [];
  for await (const batch of dataset.batches()) kept.push(batch);
  async function* replay() {
    yield* kept;
  }
  const rows: Row[] = [];
  for (const [decoding, batches] of [[false, replay], [true, dataset.batches]] as const) {
    const sweeps: number[] = [];
    const samples = await report.progress(
      `${model.name}${decoding ? ", decoding" : ""}: rounds`,
      (update) =>
        timeInterleaved(flags.rounds, [
          async () => {
            const { seconds } = await calibrate(model.graph, { count: dataset.count, batches }, machine);
            sweeps.push(seconds.forward);
          },
          () => forward(model, machine, batches),
        ], update),
    );
    rows.push(timeRow(model, dataset.count, decoding, samples, sweeps.slice(1)));
    report.note(JSON.stringify(rows.at(-1)));
  }
  return rows;
}

/** The minimum that calibration has to do: run the prepared graph over the data. */
async function forward({ graph }: OpenedModel, machine: Machine, batches: Batches) {
  for await (const _ of sweep(machine, [prepare(graph, plannedOpset)], batches()));
}

function timeRow(
  model: OpenedModel,
  images: number,
  decoding: boolean,
  [calibrating, passing]: readonly number[][],
  sweeps: readonly number[],
): Row {
  const times = medianOf(calibrating) / medianOf(passing);
  return {
    model: model.name,
    images,
    decoding: decoding ? "included" : "before",
    rounds: passing.length,
    calibration_seconds: spreadText(calibrating),
    sweep_seconds: spreadText(sweeps),
    forward_seconds: spreadText(passing),
    ratio_of_medians: times,
    ratios_by_round: spreadText(calibrating.map((seconds, i) => seconds / passing[i])),
    bound: `≤ ${mostTimes}`,
    verdict: times <= mostTimes ? "kept" : "missed",
  };
}

const fewImages = 100;
const manyImages = 1000;

function measureMemory({ shared, python }: Flags, report: Report): Promise<Row[]> {
  return inTempFolder(async (folder) => {
    const model = await openModel(models[0], shared);
    const rows: Row[] = [];
    const add = async (
      tool: string,
      method: string,
      run: (images: number) => Promise<Cost>,
      bound?: number,
    ) => {
      const [few, many] = [await run(fewImages), await run(manyImages)];
      rows.push(memoryRow(tool, method, few, many, bound));
      report.note(JSON.stringify(rows.at(-1)));
    };
    const data = join(shared, "data", model.calibration.folder);
    const options = ["--model", model.path, "--data", data, "--output", join(folder, "calib")];
    for (const method of ["mse", "entropy"]) {
      // All methods come from the same sweep; `method` only selects the range that is encoded.
      const run = (images: number) =>
        calibrationCost(...options, "--method", method, "--subset-len", String(images));
      await add("halftone", method, run, mostGrowth);
    }
    const found = await versionOf("onnxruntime", python);
    if ("why" in found) return [...rows, { tool: "onnxruntime", note: `left out: ${found.why}` }];
    const samples = new Map<number, string>();
    for (const images of [fewImages, manyImages]) {
      const dataset = await model.open(model.calibration, images);
      samples.set(images, await writeSamples(dataset, join(folder, `samples_${images}`)));
    }
    for (const method of ["MinMax", "Percentile", "Entropy"]) {
      const run = async (images: number) => {
        const output = join(folder, "ort_int8.onnx");
        const job = { model: model.path, samples: samples.get(images)!, output };
        const cost = await runPython("onnxruntime", python, job, [method]);
        if ("failed" in cost) throw new Error(`Cannot measure quantize_static: ${cost.failed}`);
        return cost;
      };
      await add(found.version, method, run);
    }
    return rows;
  });
}

function memoryRow(tool: string, method: string, few: Cost, many: Cost, bound?: number): Row {
  const growth = many.peakBytes / few.peakBytes;
  return {
    tool,
    method,
    peak_100_bytes: few.peakBytes,
    peak_1000_bytes: many.peakBytes,
    ratio: growth,
    seconds_100: few.seconds,
    seconds_1000: many.seconds,
    bound: bound && `≤ ${bound}`,
    verdict: bound && (growth <= bound ? "kept" : "missed"),
  };
}
