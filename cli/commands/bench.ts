// halftone bench: latency, throughput, accuracy and memory of the float model and quantized ones, interleaved on one
// device.
import { dirname } from "node:path";
import { ConfigError, type HalftoneError } from "../../src/error.ts";
import { countText, deviceText } from "../../src/report/number.ts";
import { type Baseline, checkComparable, readBaseline, regressions } from "../latency/baseline.ts";
import { shapesFor } from "../latency/feeds.ts";
import { type Accuracies, batchJson, type BatchResult, type FileBytes } from "../latency/json.ts";
import { layersText } from "../latency/layers_text.ts";
import { type BenchFlags, benchOptions } from "../options/bench.ts";
import { type BenchProfile, type BenchSetup, measureAll } from "../latency/run.ts";
import { openQuantized } from "../latency/subjects.ts";
import { comparisonText, performanceSummary, sweepText } from "../latency/summary.ts";
import { exportPaths, writeAll } from "../latency/write.ts";
import type { Command, Outcome } from "../command.ts";
import { library, openData, openModel, withMachine } from "../open.ts";
import { filesText, requireWritable } from "../output.ts";
import { oneLine } from "../terminal/table.ts";

export const bench: Command<BenchFlags> = {
  summary: "measure latency and throughput of float and int8, interleaved",
  options: benchOptions,
  camelCase: true,
  async run(flags, terminal) {
    await requireWritable(flags.output);
    if (flags.shapes && flags.batch.length > 1) {
      throw new ConfigError(
        "Cannot sweep --batch with --shapes, which sets the batch size: pass one of them",
      );
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
      (machine) => runBench({ flags, terminal, machine, model, quantized, dataOf }, baseline),
    );
  },
};

async function runBench(setup: BenchSetup, baseline: Baseline | undefined): Promise<Outcome> {
  const { flags, machine, model, quantized } = setup;
  const names = ["fp32", ...quantized.map(({ name }) => name)];
  if (baseline) checkComparable(baseline, machine.description, flags.scenario, names, flags.batch);
  noteLimits(setup);
  const files: FileBytes = new Map([
    ["fp32", model.bytes],
    ...quantized.map(({ name, bytes }) => [name, bytes] as const),
  ]);
  const { results, profiled, accuracies, deviceError } = await measureAll(setup);
  const slower = baseline && !deviceError ? regressions(baseline, results, flags.tolerance) : [];
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
    ...(deviceError &&
      { error: { kind: deviceError.name, message: deviceError.message, where: deviceError.where } }),
  };
  const written = await writeAll(flags, json, results, profiled, `${model.file} on ${machine.description}`);
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
function noteLimits({ machine, terminal, quantized }: BenchSetup) {
  if (machine.software) {
    terminal.note(
      "This device is not a GPU: its times compare these models on this machine, not on a GPU",
    );
  }
  for (const { name, onCodes } of quantized) {
    if (!onCodes) {
      terminal.note(
        `${name} has no operator in integer arithmetic: it runs as simulated quantization in float`,
      );
    }
  }
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
