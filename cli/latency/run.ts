// One bench: for each batch size, measure; for the first, accuracy and the profile by layer, too.
import type { Dataset } from "../../src/dataset/mod.ts";
import { DeviceError } from "../../src/error.ts";
import type { Feeds, Machine } from "../../src/plan/machine.ts";
import { library, type Model, noteSkipped } from "../open.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { dataFeeds, randomFeeds, shapesFor } from "./feeds.ts";
import type { Accuracies, BatchResult } from "./json.ts";
import { type LayerProfile, layersOf } from "./layers.ts";
import { measure, type Pace } from "./measure.ts";
import type { BenchFlags } from "../options/bench.ts";
import { resultOf, speedupOf } from "./result.ts";
import { roofOf } from "./roof.ts";
import type { Clock } from "./scenario.ts";
import { type QuantizedModel, subjectsOf } from "./subjects.ts";
import { traceText } from "./summary.ts";

/** Everything that a bench works on. */
export type Bench = {
  readonly flags: BenchFlags;
  readonly terminal: Terminal;
  readonly machine: Machine;
  readonly model: Model;
  readonly quantized: readonly QuantizedModel[];
  /** Of one sample a batch where --data was given. */
  readonly dataOf?: (batch: number) => Promise<Dataset>;
};

export type Profiled = LayerProfile & { readonly names: readonly string[] };

const clock: Clock = {
  now: () => performance.now(),
  wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};

export type Findings = {
  readonly results: BatchResult[];
  profiled?: Profiled;
  accuracies: Accuracies;
  /** The device failed: what stands here was measured before. */
  trouble?: DeviceError;
};

export async function measureAll(it: Bench): Promise<Findings> {
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
    subjectsOf(model, quantized, machine.limits),
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
  { flags, machine, terminal }: Bench,
  { runs }: BatchResult,
  feeds: Feeds,
): Promise<Profiled | undefined> {
  const { dumpProfile, exportProfile, exportTrace } = flags;
  if (!dumpProfile && exportProfile === undefined && exportTrace === undefined) return undefined;
  const roof = machine.profile && await roofOf(machine);
  const found = roof && await layersOf(machine, runs.map(({ measured }) => measured), feeds, roof);
  if (!found) terminal.note("No profile by layer: this device has no timestamps for single calls");
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
