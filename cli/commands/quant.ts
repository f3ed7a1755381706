// halftone quant: the four runs of the Vitis AI quantizer's example scripts, with their options and their files.
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Dataset } from "../../src/dataset/mod.ts";
import { ConfigError } from "../../src/error.ts";
import type { Accuracy } from "../../src/evaluate/tally.ts";
import type { Machine } from "../../src/plan/machine.ts";
import { evaluationJson } from "../../src/report/json.ts";
import { countText, percentText } from "../../src/report/number.ts";
import type { Command, Outcome } from "../command.ts";
import { library, type Model, noteSkipped, openData, openModel, withMachine } from "../open.ts";
import { resolveConfig, type ResolvedConfig } from "../options/configuration.ts";
import { optional } from "../options/option.ts";
import { type QuantizeFlags, quantizeOptions } from "../options/quantize.ts";
import { type DataFlags, dataOptions, type ModelFlags, modelOptions } from "../options/shared.ts";
import { type QuantFlags, quantModeOptions, type SharedFlags } from "../options/shared.ts";
import { findTarget, misuse, withTarget } from "../options/target.ts";
import { filesText, requireWritable } from "../output.ts";
import { calibrateModel, provenanceOf, writeReport } from "../steps/calibrate.ts";
import { readQuantized, writeEncodings } from "../steps/encodings.ts";
import { evaluateModel, evaluationText, writeEvaluation } from "../steps/evaluate.ts";
import { sizeText, verifyExport, writeDeployedForms, writeQuantized } from "../steps/export.ts";
import { inspectModel } from "../steps/inspect.ts";
import { findVerifier, type VerifyFlags, verifyOption } from "../steps/verify.ts";
import type { Terminal } from "../terminal/terminal.ts";

type Flags =
  & SharedFlags
  & Partial<ModelFlags>
  & Partial<DataFlags>
  & QuantizeFlags
  & QuantFlags
  & VerifyFlags
  & {
    readonly output: string;
    readonly batchSize: number;
  };

export const quant: Command<Flags> = {
  summary: "the four modes of the Vitis AI quantizer's scripts: --quant_mode float|calib|test, --deploy",
  options: [
    ...quantModeOptions,
    ...optional(modelOptions),
    ...optional(dataOptions),
    ...quantizeOptions,
    verifyOption,
  ],
  async run(given, terminal) {
    const flags = resolveTarget(given, terminal);
    const { quantMode, inspect } = flags;
    const model = await openModel(await modelPath(flags));
    const data = await dataPaths(flags);
    if (data === undefined && !deploys(flags) && !inspect) {
      throw misuse("Cannot run quant: no data is given, expected --data_dir PATH or --data PATH");
    }
    if (quantMode !== "float" || inspect) await requireWritable(flags.output);
    const needsConfig = quantMode === "calib" || inspect;
    const config = needsConfig ? await resolveConfig(flags, model, terminal) : undefined;
    const steps: Outcome[] = [];
    if (inspect) {
      const { json: { outputs, ...inspection }, text } = await inspectModel(
        flags.output,
        model,
        config!,
        flags.target,
      );
      steps.push({ json: { inspection, outputs }, text });
    }
    if (deploys(flags)) steps.push(await runDeploy(flags, model, terminal));
    if (data && quantMode === "calib") steps.push(await runCalib(flags, model, data, config!, terminal));
    else if (data) steps.push(await runTest(flags, model, data, terminal));
    return steps.reduce(mergeOutcomes);
  },
};

function deploys({ quantMode, deploy }: Flags): boolean {
  return quantMode === "test" && deploy === true;
}

function mergeOutcomes(before: Outcome, after: Outcome): Outcome {
  const outputs = [before, after].flatMap(({ json }) => json.outputs as string[]);
  const failure = before.failure ?? after.failure;
  return {
    json: { ...before.json, ...after.json, outputs },
    text: `${before.text}\n\n${after.text}`,
    failure,
  };
}

/**
 * Sets the preset of --target. Reports flags that have no effect, as Vitis AI ignores them; rejects contradictory flags
 * before any work starts.
 */
function resolveTarget(flags: Flags, terminal: Terminal): Flags {
  const { quantMode, inspect, target, deploy } = flags;
  const noteUnused = (flag: string, why: string) => terminal.note(`--${flag} has no effect ${why}`);
  if (deploy && quantMode !== "test") {
    noteUnused("deploy", `with --quant_mode ${quantMode}: the model is exported in test mode`);
  }
  if (target === undefined) return flags;
  if (quantMode === "calib" || inspect) return withTarget(flags, terminal);
  findTarget(target);
  noteUnused("target", `with --quant_mode ${quantMode}`);
  return { ...flags, target: undefined };
}

/** --model, or the only float model of --model_dir. */
async function modelPath({ model, modelDir }: Flags): Promise<string> {
  if (model !== undefined) return model;
  if (modelDir === undefined) {
    throw misuse("Cannot run quant: no model is given, expected --model_dir PATH or --model FILE");
  }
  if (!(await stat(modelDir)).isDirectory()) return modelDir;
  const models = (await readdir(modelDir)).filter((name) => /(?<!_int)\.onnx$/.test(name)).sort();
  if (models.length === 1) return join(modelDir, models[0]);
  throw new ConfigError(
    `Cannot choose a model in "${modelDir}": it has ${models.length} ONNX models` +
      `${models.length ? ` (${models.join(", ")})` : ""}, expected one; pass --model FILE`,
  );
}

/** --data, or the folder val in --data_dir, which the example scripts read; without one, --data_dir itself. */
async function dataPaths({ data, dataDir }: Flags): Promise<readonly string[] | undefined> {
  if (data !== undefined || dataDir === undefined) return data;
  const val = join(dataDir, "val");
  const isFolder = await stat(val).then((found) => found.isDirectory(), () => false);
  return [isFolder ? val : dataDir];
}

function openAll(flags: Flags, model: Model, data: readonly string[]): Promise<Dataset> {
  return openData(model, { ...flags, data });
}

async function runCalib(
  flags: Flags,
  model: Model,
  data: readonly string[],
  config: ResolvedConfig,
  terminal: Terminal,
): Promise<Outcome> {
  const dataset = await openAll(flags, model, data);
  return withMachine(flags, terminal, async (machine) => {
    const calibration = await calibrateModel(machine, model, dataset, { ...flags, data }, config, terminal);
    noteSkipped(dataset, terminal);
    const encodings = await writeEncodings(flags.output, model, calibration);
    const evaluation = dataset.labelled
      ? await evaluateModel(machine, model, await readQuantized(flags.output, model), dataset, {}, terminal)
      : undefined;
    const report = await writeReport(
      flags.output,
      model,
      provenanceOf(machine, dataset),
      calibration,
      config,
      { evaluation },
    );
    const files = [...encodings, ...report.files];
    return {
      json: {
        quant_mode: "calib",
        ...report.fields,
        ...(evaluation && { evaluation: evaluationJson(evaluation) }),
        outputs: files.map(({ path }) => path),
      },
      text: withAccuracy(
        [report.text, ...evaluation ? [evaluationText(evaluation)] : [], filesText(files)],
        evaluation?.quantized,
      ),
    };
  });
}

/** Test mode; float mode evaluates the float model alone. */
async function runTest(
  flags: Flags,
  model: Model,
  data: readonly string[],
  terminal: Terminal,
): Promise<Outcome> {
  const quantized = flags.quantMode === "test" ? await readQuantized(flags.output, model) : undefined;
  const dataset = await openAll(flags, model, data);
  return withMachine(flags, terminal, async (machine) => {
    if (!quantized) return runFloat(machine, model, dataset, terminal);
    const evaluation = await evaluateModel(machine, model, quantized, dataset, {}, terminal);
    noteSkipped(dataset, terminal);
    const file = await writeEvaluation(flags.output, evaluation, dataset);
    return {
      json: {
        quant_mode: "test",
        ...evaluationJson(evaluation),
        skipped: dataset.skipped(),
        outputs: [file.path],
      },
      text: withAccuracy([evaluationText(evaluation), filesText([file])], evaluation.quantized),
    };
  });
}

async function runFloat(
  machine: Machine,
  model: Model,
  dataset: Dataset,
  terminal: Terminal,
): Promise<Outcome> {
  const { evaluateAlone } = await library();
  const progress = terminal.progress("Evaluating");
  const { float, images, device } = await evaluateAlone(model.graph, dataset, machine, progress.update)
    .finally(progress.finish);
  noteSkipped(dataset, terminal);
  return {
    json: {
      quant_mode: "float",
      images,
      ...(float && { float }),
      device,
      skipped: dataset.skipped(),
      outputs: [],
    },
    text: withAccuracy([`The float model on ${countText(images, "image")}, ${device}`], float),
  };
}

async function runDeploy(flags: Flags, model: Model, terminal: Terminal): Promise<Outcome> {
  const verifier = await findVerifier(flags);
  const graph = await readQuantized(flags.output, model);
  const file = await writeQuantized(flags.output, model, graph);
  const verify = await verifyExport(verifier, model, { file: file.path, graph }, flags, terminal);
  const { files, warnings } = await writeDeployedForms(flags.output, model, graph);
  const all = [file, ...files];
  return {
    json: {
      quant_mode: "test",
      ...(verify.json && { verify: verify.json }),
      ...(warnings.length > 0 ? { warnings } : {}),
      outputs: all.map(({ path }) => path),
    },
    text: [
      sizeText(model, file),
      verify.text,
      ...warnings.map((warning) => `Warning: ${warning}`),
      filesText(all),
    ].filter(Boolean).join("\n\n"),
    failure: verify.failure,
  };
}

/** The parts of the output and, last, the line with which the example scripts end. */
function withAccuracy(parts: readonly string[], accuracy: Accuracy | undefined): string {
  const line = accuracy
    ? `Accuracy: ${percentText(accuracy.top1).replace(/\s*%$/, "%")}`
    : "Accuracy: no image has a label";
  return [...parts, line].join("\n\n");
}
