// One bench: measures every batch size, and at the first also accuracy and the layer profile.
import type { Dataset } from "../../src/dataset/mod.ts";
import { DeviceError } from "../../src/error.ts";
import type { Feeds, Machine } from "../../src/plan/machine.ts";
import { library, noteSkipped } from "../open.ts";
import type { Terminal } from "../terminal/terminal.ts";
import type { WrittenFile } from "../output.ts";
import { dataFeeds, randomFeeds, shapesFor } from "./feeds.ts";
import type { Contest } from "./contest.ts";
import type { Accuracies, BatchResult } from "./json.ts";
import { type LayerProfile, profileLayers } from "./layers.ts";
import { measure, type Pace } from "./measure.ts";
import type { BenchFlags } from "../options/bench.ts";
import { savePlans, saveRuns } from "./save_engine.ts";
import { resultOf, speedupOf } from "./result.ts";
import { measureRoof } from "./roof.ts";
import type { Clock } from "./scenario.ts";
import { traceText } from "./summary.ts";

export type BenchSetup = {
  readonly flags: BenchFlags;
  readonly terminal: Terminal;
  readonly machine: Machine;
  readonly contest: Contest;
  /** Opens the data at a batch size; absent without --data. */
  readonly dataOf?: (batch: number) => Promise<Dataset>;
};

export type BenchProfile = LayerProfile & { readonly names: readonly string[] };

const clock: Clock = {
  now: () => performance.now(),
  wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};

export type BenchResults = {
  readonly results: BatchResult[];
  profiled?: BenchProfile;
  accuracies: Accuracies;
  /** The engine of --save-engine. */
  engine?: WrittenFile;
  /** Set if the device failed; the other fields hold what was measured before. */
  deviceError?: DeviceError;
};

export async function measureAll(setup: BenchSetup): Promise<BenchResults> {
  const found: BenchResults = { results: [], accuracies: new Map() };
  try {
    for (const batch of setup.flags.batch) {
      const feeds = await feedsFor(setup, batch);
      const { result, deviceError } = await measureBatch(setup, batch, feeds);
      found.results.push(result);
      if (deviceError) throw deviceError;
      if (found.results.length === 1) {
        found.accuracies = await evaluateQuantized(setup, feeds);
        found.profiled = await profileFor(setup, result, feeds);
        found.engine = await saveRuns(setup, result);
      }
      for (const { measured } of result.runs) setup.machine.release(measured.plan);
    }
  } catch (error) {
    if (!(error instanceof DeviceError) || found.results.length === 0) throw error;
    found.deviceError = error;
  }
  return found;
}

/** Plans and saves without measuring anything but kernel variants. */
export async function buildEngine(setup: BenchSetup): Promise<WrittenFile> {
  const { flags: { batch: [batch] }, contest, machine } = setup;
  const feeds = await feedsFor(setup, batch);
  const plans = contest.contenders.map(({ name, planOf }) => ({ name, plan: planOf(machine.limits)(feeds) }));
  return await savePlans(setup, plans);
}

async function feedsFor({ flags, contest, dataOf }: BenchSetup, batch: number): Promise<Feeds> {
  const { inputs } = contest;
  const shapes = shapesFor(inputs, batch, flags.shapes);
  return dataOf ? dataFeeds(await dataOf(batch), shapes) : randomFeeds(inputs, shapes, flags.seed);
}

async function measureBatch(setup: BenchSetup, batch: number, feeds: Feeds) {
  const { flags, terminal, machine, contest } = setup;
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
  const { measured, deviceError } = await measure(
    machine,
    contest.contenders.map(({ name, planOf }) => ({ name, planOf: planOf(machine.limits) })),
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
      "This adapter has no timestamps: compute time is the wait from submission to results on the host's clock",
    );
  }
  const [float, ...others] = measured;
  const speedups = new Map(
    float.name === "fp32" ? others.map((one) => [one.name, speedupOf(float, one, flags.seed)] as const) : [],
  );
  const inputs = Object.fromEntries([...feeds].map(([name, { shape }]) => [name, shape]));
  const size = [...feeds.values()][0]?.shape[0] ?? batch;
  const isFixed = flags.shapes !== undefined || flags.loadEngine !== undefined;
  const result: BatchResult = { batch: isFixed ? size : batch, inputs, runs, speedups };
  return { result, deviceError };
}

async function profileFor(
  { flags, machine, terminal }: BenchSetup,
  { runs }: BatchResult,
  feeds: Feeds,
): Promise<BenchProfile | undefined> {
  const { dumpProfile, exportProfile, exportTrace } = flags;
  if (!dumpProfile && exportProfile === undefined && exportTrace === undefined) return undefined;
  const roof = machine.profile && await measureRoof(machine);
  const found = roof && await profileLayers(machine, runs.map(({ measured }) => measured), feeds, roof);
  if (!found) terminal.note("No layer profile: this device has no timestamps for single calls");
  return found && { ...found, names: runs.map(({ name }) => name) };
}

/** Evaluates on the data; without data on the one random query, which only shows how much the outputs differ. */
async function evaluateQuantized(
  { flags, machine, contest: { model, contenders }, dataOf, terminal }: BenchSetup,
  feeds: Feeds,
) {
  const { evaluate } = await library();
  const count = [...feeds.values()][0]?.shape[0] ?? 1;
  async function* once() {
    yield { feeds, count };
  }
  const dataset = dataOf ? await dataOf(flags.batch[0]) : undefined;
  const accuracies = new Map<string, Awaited<ReturnType<typeof evaluate>>>();
  for (const { name, judged } of contenders) {
    if (!model || !judged) continue;
    accuracies.set(name, await evaluate(model.graph, judged, dataset ?? { count, batches: once }, machine));
  }
  if (dataset) noteSkipped(dataset, terminal);
  return accuracies;
}
