// halftone bench: the float model and quantized ones on one device, in turns: latency, throughput, accuracy, memory.
import { dirname } from "node:path";
import { ConfigError, DeviceError, type HalftoneError } from "../src/error.ts";
import type { Dataset } from "../src/dataset/mod.ts";
import type { Feeds, Machine } from "../src/plan/machine.ts";
import { deviceText } from "../src/report/number.ts";
import { type Baseline, readBaseline, regressions } from "./bench/baseline.ts";
import { chromeTrace, timesJson } from "./bench/exports.ts";
import { dataFeeds, randomFeeds, shapesFor } from "./bench/feeds.ts";
import { type Accuracies, batchJson, type BatchResult, type FileBytes } from "./bench/json.ts";
import { layersJson, layersText } from "./bench/layers_text.ts";
import { type LayerProfile, layersOf } from "./bench/layers.ts";
import { type Clock, measure, type Pace } from "./bench/measure.ts";
import { type BenchFlags, benchOptions } from "./bench/options.ts";
import { resultOf, speedupOf } from "./bench/result.ts";
import { roofOf } from "./bench/roof.ts";
import { openQuantized, type QuantizedModel, subjectsOf } from "./bench/subjects.ts";
import { comparison, performanceSummary, sweepText, traceText } from "./bench/summary.ts";
import type { Command, Outcome } from "./command.ts";
import { library, type Model, noteSkipped, openData, openModel, withMachine } from "./open.ts";
import { filesText, requireWritable, writeJson, writeText, type Written } from "./output.ts";
import type { Terminal } from "./terminal.ts";

/** Everything that a bench works on. */
type Bench = {
  readonly flags: BenchFlags;
  readonly terminal: Terminal;
  readonly machine: Machine;
  readonly model: Model;
  readonly quantized: readonly QuantizedModel[];
  /** Of one sample a batch where --data was given. */
  readonly dataOf?: (batch: number) => Promise<Dataset>;
};

type Profiled = LayerProfile & { readonly names: readonly string[] };

const clock: Clock = {
  now: () => performance.now(),
  wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};

export const bench: Command<BenchFlags> = {
  summary: "measure latency and throughput, float against int8, in turns",
  options: benchOptions,
  camelCase: true,
  async run(flags, terminal) {
    await requireWritable(flags.output);
    if (flags.shapes && flags.batch.length > 1) {
      throw new ConfigError("Cannot sweep --batch where --shapes says the batch: pass one of them");
    }
    for (const path of exportPaths(flags)) await requireWritable(dirname(path));
    const baseline = flags.baseline === undefined ? undefined : await readBaseline(flags.baseline);
    const model = await openModel(flags.model);
    const { modelInputs } = await library();
    for (const batch of flags.batch) shapesFor(modelInputs(model.graph), batch, flags.shapes);
    const quantized = await openQuantized(model, flags.quantized, flags.output);
    const { data } = flags;
    const dataOf = data && ((batch: number) => openData(model, { ...flags, data, batchSize: batch }));
    return withMachine(
      flags,
      terminal,
      (machine) => benched({ flags, terminal, machine, model, quantized, dataOf }, baseline),
    );
  },
};

function exportPaths({ exportProfile, exportTrace, exportTimes, exportBaseline }: BenchFlags): string[] {
  return [exportProfile, exportTrace, exportTimes, exportBaseline].filter((path) => path !== undefined);
}

async function benched(it: Bench, baseline: Baseline | undefined): Promise<Outcome> {
  const { flags, machine, model, quantized } = it;
  noteLimits(it);
  const files: FileBytes = new Map([
    ["fp32", model.bytes],
    ...quantized.map(({ name, bytes }) => [name, bytes] as const),
  ]);
  const { results, profiled, accuracies, trouble } = await measureAll(it);
  const slower = baseline && !trouble
    ? regressions(baseline, machine.description, flags.scenario, results, flags.tolerance)
    : [];
  const [first] = results;
  const json = {
    device: machine.description,
    ...batchJson(first, accuracies, files),
    software_adapter: machine.software,
    scenario: flags.scenario,
    seed: flags.seed,
    model: model.file,
    inputs_from: flags.data ? "data" : "random",
    ...(results.length > 1 && { sweep: results.map((result) => batchJson(result, accuracies, files)) }),
    ...(baseline && { regressions: slower }),
    ...(trouble && { error: { kind: trouble.name, message: trouble.message, where: trouble.where } }),
  };
  const written = await writeAll(flags, json, results, profiled, `${model.file} on ${machine.description}`);
  return {
    json: { ...json, outputs: written.map(({ path }) => path) },
    text: [textOf(it, results, accuracies, files, profiled), filesText(written)].join("\n\n"),
    ...failureOf(trouble, slower, flags),
  };
}

type Findings = {
  readonly results: BatchResult[];
  profiled?: Profiled;
  accuracies: Accuracies;
  /** The device failed: what stands here was measured before. */
  trouble?: DeviceError;
};

async function measureAll(it: Bench): Promise<Findings> {
  const found: Findings = { results: [], accuracies: new Map() };
  try {
    for (const batch of it.flags.batch) {
      const feeds = await feedsFor(it, batch);
      const { result, trouble } = await measuredOf(it, batch, feeds);
      found.results.push(result);
      if (trouble) throw trouble;
      if (found.results.length === 1) {
        found.accuracies = await accuraciesOf(it, feeds);
        found.profiled = await profile(it, result, feeds);
      }
      for (const { measured } of result.runs) it.machine.release(measured.plan);
    }
  } catch (error) {
    if (!(error instanceof DeviceError) || found.results.length === 0) throw error;
    found.trouble = error;
  }
  return found;
}

function failureOf(trouble: HalftoneError | undefined, slower: readonly string[], { output }: BenchFlags) {
  if (trouble) {
    return { failure: `${trouble.message}; what was measured before stands above and in ${output}` };
  }
  return slower.length > 0
    ? { failure: `Slower than the baseline:\n${slower.map((one) => `  ${one}`).join("\n")}` }
    : {};
}

/** What a reader must know before any number. */
function noteLimits({ machine, terminal, quantized, flags }: Bench) {
  if (machine.software) {
    terminal.note(
      "A software adapter is not a GPU: its times compare these models here, and say nothing of a GPU",
    );
  }
  for (const { name, onCodes } of quantized) {
    if (!onCodes) terminal.note(`${name} has no operator that computes on codes: it runs in rounded float`);
  }
  const wantsProfile = flags.dumpProfile || flags.exportProfile !== undefined;
  if (wantsProfile && !machine.profile) {
    terminal.note("No profile by layer: this device does not time single calls");
  }
}

async function feedsFor({ flags, model, dataOf }: Bench, batch: number): Promise<Feeds> {
  const { modelInputs } = await library();
  const inputs = modelInputs(model.graph);
  const shapes = shapesFor(inputs, batch, flags.shapes);
  return dataOf ? dataFeeds(await dataOf(batch), shapes) : randomFeeds(inputs, shapes, flags.seed);
}

async function measuredOf(it: Bench, batch: number, feeds: Feeds) {
  const { flags, terminal, machine, model, quantized } = it;
  const pace: Pace = {
    warmUpMs: flags.warmUp,
    durationMs: flags.duration * 1000,
    iterations: flags.iterations,
    sleepMs: flags.sleepTime,
    idleMs: flags.idleTime,
    scenario: flags.scenario,
    targetQps: flags.targetQps,
    seed: flags.seed,
  };
  const progress = terminal.progress("Measuring", "rounds");
  const { measured, trouble } = await measure(
    machine,
    subjectsOf(model, quantized),
    feeds,
    pace,
    clock,
    progress.update,
  )
    .finally(() => progress.finish());
  const runs = measured.map((one) => resultOf(one, flags.percentile, flags.seed));
  for (const run of runs) terminal.detail(traceText(run, flags.avgRuns));
  if (machine.profile && measured.some((one) => one.clock === "host")) {
    terminal.note(
      "This adapter has no timestamps: compute is the wait from submission to results, by the host's clock",
    );
  }
  const [float, ...others] = measured;
  const speedups = new Map(
    float.name === "fp32" ? others.map((one) => [one.name, speedupOf(float, one, flags.seed)] as const) : [],
  );
  const inputs = Object.fromEntries([...feeds].map(([name, { shape }]) => [name, shape]));
  const size = [...feeds.values()][0]?.shape[0] ?? batch;
  const result: BatchResult = { batch: flags.shapes ? size : batch, inputs, runs, speedups };
  return { result, trouble };
}

async function profile(
  { flags, machine }: Bench,
  { runs }: BatchResult,
  feeds: Feeds,
): Promise<Profiled | undefined> {
  const wanted = flags.dumpProfile || flags.exportProfile !== undefined || flags.exportTrace !== undefined;
  if (!wanted || !machine.profile) return undefined;
  const roof = await roofOf(machine);
  const found = roof && await layersOf(machine, runs.map(({ measured }) => measured), feeds, roof);
  return found && { ...found, names: runs.map(({ name }) => name) };
}

/** On the data; without any, on the one random query, which tells how far the outputs are apart and little else. */
async function accuraciesOf({ flags, machine, model, quantized, dataOf, terminal }: Bench, feeds: Feeds) {
  const { evaluate } = await library();
  const count = [...feeds.values()][0]?.shape[0] ?? 1;
  async function* once() {
    yield { feeds, count };
  }
  const dataset = dataOf ? await dataOf(flags.batch[0]) : undefined;
  const accuracies = new Map<string, Awaited<ReturnType<typeof evaluate>>>();
  for (const { name, graph } of quantized) {
    accuracies.set(name, await evaluate(model.graph, graph, dataset ?? { count, batches: once }, machine));
  }
  if (dataset) noteSkipped(dataset, terminal);
  return accuracies;
}

function textOf(
  { flags, machine }: Bench,
  results: readonly BatchResult[],
  accuracies: Accuracies,
  files: FileBytes,
  profiled: Profiled | undefined,
): string {
  const [sample] = accuracies.values();
  const source = flags.data ? "--data" : "random inputs: pass --data for an answer that counts";
  return [
    ...results.flatMap((result) => [
      ...result.runs.map((run) => performanceSummary(run, result.batch, flags.percentile)),
      comparison(result, accuracies, files),
    ]),
    ...(results.length > 1 ? [sweepText(results)] : []),
    ...(profiled && flags.dumpProfile ? [layersText(profiled.layers, profiled.names, profiled.roof)] : []),
    [
      `Device: ${deviceText(machine.description, machine.software)}`,
      `Scenario: ${flags.scenario}`,
      ...(sample ? [`Accuracy: ${sample.images} samples of ${source}`] : []),
    ].join("\n"),
  ].join("\n\n");
}

async function writeAll(
  flags: BenchFlags,
  json: Record<string, unknown>,
  results: readonly BatchResult[],
  profiled: Profiled | undefined,
  title: string,
): Promise<Written[]> {
  const { latencyChart } = await import("../src/report/latency_chart.ts");
  const rows = results.flatMap(({ batch, runs }) =>
    runs.map(({ name, latency, measured }) => ({
      name: results.length > 1 ? `${name}, batch ${batch}` : name,
      latenciesMs: measured.blocks.flat().map(({ latencyMs }) => latencyMs),
      marksMs: [latency.median, latency.percentiles.get(Math.max(...flags.percentile))!],
    }))
  );
  const wanted: [string | undefined, () => unknown][] = [
    [flags.exportBaseline, () => json],
    [flags.exportTimes, () => timesJson(results)],
    [flags.exportTrace, () => chromeTrace(results, profiled?.layers ?? [])],
    [flags.exportProfile, () => profiled && layersJson(profiled.layers, profiled.names, profiled.roof)],
  ];
  const written = [
    await writeJson(flags.output, "bench.json", json),
    await writeText(flags.output, "bench_latency.svg", await latencyChart(rows, title)),
  ];
  for (const [path, content] of wanted) {
    const value = path === undefined ? undefined : content();
    if (path !== undefined && value !== undefined) written.push(await writeJson("", path, value));
  }
  return written;
}
