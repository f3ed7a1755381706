// halftone bench: latency, throughput, accuracy and memory of the float model and quantized ones, interleaved on one
// device.
import { dirname } from "node:path";
import { ConfigError, type HalftoneError } from "../../src/error.ts";
import type { Machine } from "../../src/plan/machine.ts";
import { countText, deviceText, significant } from "../../src/report/number.ts";
import { type Baseline, checkComparable, readBaseline, regressions } from "../latency/baseline.ts";
import { shapesFor } from "../latency/feeds.ts";
import { type Accuracies, batchJson, type BatchResult, type FileBytes } from "../latency/json.ts";
import { layersText } from "../latency/layers_text.ts";
import { type BenchFlags, benchOptions } from "../options/bench.ts";
import { misuse } from "../options/target.ts";
import { noteInert } from "../options/trtexec.ts";
import { type BenchProfile, type BenchSetup, buildEngine, measureAll } from "../latency/run.ts";
import { type Contest, contestOf, contestOfEngine, contestOfQuantized } from "../latency/contest.ts";
import { isQuantizedItself, namedPrecisions, precisionsOf } from "../latency/precision.ts";
import { comparisonText, performanceSummary, sweepText } from "../latency/summary.ts";
import { exportPaths, writeAll } from "../latency/write.ts";
import type { Command, Outcome } from "../command.ts";
import { library, openData, openModel, withMachine } from "../open.ts";
import { filesText, requireWritable } from "../output.ts";
import { oneLine } from "../terminal/table.ts";
import type { Terminal } from "../terminal/terminal.ts";

export const bench: Command<BenchFlags> = {
  summary: "measure latency and throughput of float and int8, interleaved",
  options: benchOptions,
  camelCase: true,
  async run(flags, terminal) {
    checkFlags(flags);
    noteInert(flags, terminal);
    await requireWritable(flags.output);
    for (const path of exportPaths(flags)) await requireWritable(dirname(path));
    const baseline = flags.baseline === undefined ? undefined : await readBaseline(flags.baseline);
    const opened = flags.loadEngine === undefined ? await openContest(flags, terminal) : undefined;
    const { data } = flags;
    const model = opened?.model;
    const dataOf = data && model &&
      ((batch: number) => openData(model, { ...flags, data, batchSize: batch }));
    return withMachine(flags, terminal, async (machine) => {
      const contest = opened ?? await openEngineContest(flags, machine, terminal);
      const setup = { flags, terminal, machine, contest, dataOf };
      return buildsOnly(flags) ? await runBuild(setup) : await runBench(setup, baseline);
    });
  },
};

function buildsOnly({ skipInference, buildOnly }: BenchFlags): boolean {
  return skipInference === true || buildOnly === true;
}

async function runBuild(setup: BenchSetup): Promise<Outcome> {
  noteLimits(setup);
  const file = await buildEngine(setup);
  const json = { device: setup.machine.description, model: setup.contest.modelName, outputs: [file.path] };
  return { json, text: filesText([file]) };
}

/** Rejects contradictory flags before any work starts. */
function checkFlags(flags: BenchFlags) {
  const { model, onnx = model, loadEngine, saveEngine, shapes, batch } = flags;
  if (buildsOnly(flags) && saveEngine === undefined) {
    throw misuse("Cannot skip inference: nothing would be done, expected --save-engine FILE as well");
  }
  if (onnx === undefined && loadEngine === undefined) {
    throw misuse(
      "Cannot measure: option '--model <FILE>' not specified, expected --model, --onnx or --load-engine",
    );
  }
  if (shapes && batch.length > 1) {
    throw new ConfigError(
      "Cannot sweep --batch with --shapes, which sets the batch size: pass one of them",
    );
  }
  if (batch.length > 1 && (saveEngine ?? loadEngine) !== undefined) {
    throw misuse("Cannot sweep --batch with an engine, which has one batch size: expected one --batch");
  }
}

async function openContest(flags: BenchFlags, terminal: Terminal): Promise<Contest> {
  const model = await openModel((flags.onnx ?? flags.model)!);
  const { modelInputs } = await library();
  for (const batch of flags.batch) shapesFor(modelInputs(model.graph), batch, flags.shapes);
  if (!isQuantizedItself(flags, model)) return contestOf(model, precisionsOf(flags), flags);
  terminal.note(
    `${model.file} is quantized itself: int8 is measured alone; --model FLOAT --quantized ${model.file} ` +
      "compares it with its float model",
  );
  return contestOfQuantized(model);
}

async function openEngineContest(flags: BenchFlags, machine: Machine, terminal: Terminal): Promise<Contest> {
  const started = performance.now();
  const contest = await contestOfEngine(flags.loadEngine!, machine, namedPrecisions(flags));
  const names = contest.contenders.map(({ name }) => name).join(" and ");
  const ms = significant(performance.now() - started, 3);
  terminal.note(`Engine: ${names} of ${contest.modelName}, read and checked in ${ms} ms`);
  return contest;
}

async function runBench(setup: BenchSetup, baseline: Baseline | undefined): Promise<Outcome> {
  const { flags, machine, contest } = setup;
  const { contenders, file } = contest;
  const names = contenders.map(({ name }) => name);
  if (baseline) checkComparable(baseline, machine.description, flags.scenario, names, flags.batch);
  noteLimits(setup);
  const files: FileBytes = new Map(
    contenders.flatMap(({ name, bytes }) => bytes === undefined ? [] : [[name, bytes] as const]),
  );
  const { results, profiled, accuracies, engine, deviceError } = await measureAll(setup);
  const slower = baseline && !deviceError ? regressions(baseline, results, flags.tolerance) : [];
  const [first] = results;
  const json = {
    device: machine.description,
    ...batchJson(first, accuracies, files),
    software_adapter: machine.software,
    scenario: flags.scenario,
    seed: flags.seed,
    model: contest.modelName,
    ...(flags.loadEngine !== undefined && { engine: flags.loadEngine }),
    inputs_from: flags.data ? "data" : "random",
    ...(results.length > 1 && { sweep: results.map((result) => batchJson(result, accuracies, files)) }),
    ...(baseline && { regressions: slower }),
    ...(deviceError &&
      { error: { kind: deviceError.name, message: deviceError.message, where: deviceError.where } }),
  };
  const written = [
    ...await writeAll(flags, json, results, profiled, `${file} on ${machine.description}`),
    ...engine ? [engine] : [],
  ];
  return {
    json: { ...json, outputs: written.map(({ path }) => path) },
    text: [textOf(setup, results, accuracies, files, profiled), filesText(written)].join("\n\n"),
    ...failureFor(deviceError, slower, flags),
  };
}

function failureFor(
  deviceError: HalftoneError | undefined,
  slower: readonly string[],
  { output }: BenchFlags,
) {
  if (deviceError) {
    return { failure: `${oneLine(deviceError.message)}; the results up to then are above and in ${output}` };
  }
  return slower.length > 0
    ? { failure: `Slower than the baseline:\n${slower.map((one) => `  ${one}`).join("\n")}` }
    : {};
}

/** Limits of the measurement that a reader must know first. */
function noteLimits({ machine, terminal, contest }: BenchSetup) {
  if (machine.software) {
    terminal.note(
      "This device is not a GPU: its times compare these models on this machine, not on a GPU",
    );
  }
  for (const { caveat } of contest.contenders) if (caveat !== undefined) terminal.note(caveat);
}

function textOf(
  { flags, machine }: BenchSetup,
  results: readonly BatchResult[],
  accuracies: Accuracies,
  files: FileBytes,
  profiled: BenchProfile | undefined,
): string {
  const [sample] = accuracies.values();
  const source = flags.data ? "--data" : "random inputs; pass --data for meaningful accuracy";
  return [
    ...results.flatMap((result) => [
      ...result.runs.map((run) => performanceSummary(run, result.batch, flags.percentile)),
      comparisonText(result, accuracies, files),
    ]),
    ...(results.length > 1 ? [sweepText(results)] : []),
    ...(profiled && flags.dumpProfile ? [layersText(profiled.layers, profiled.names, profiled.roof)] : []),
    [
      `Device: ${deviceText(machine.description, machine.software)}`,
      `Scenario: ${flags.scenario}`,
      ...(sample ? [`Accuracy: ${countText(sample.images, "sample")} of ${source}`] : []),
    ].join("\n"),
  ].join("\n\n");
}
