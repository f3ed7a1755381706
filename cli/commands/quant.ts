// halftone quant: the four runs of the Vitis AI quantizer's example scripts, with their options and their files.
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Dataset } from "../../src/dataset/mod.ts";
import { ConfigError } from "../../src/error.ts";
import type { Accuracy } from "../../src/evaluate/tally.ts";
import type { Machine } from "../../src/plan/machine.ts";
import { evaluationJson } from "../../src/report/json.ts";
import { counted, percentText } from "../../src/report/number.ts";
import {
  calibrateOn,
  calibrationFields,
  calibrationText,
  reportOf,
  seenBy,
  writeEncodings,
  writeReport,
} from "./calib.ts";
import type { Command, Outcome } from "../command.ts";
import { type Settings, settingsOf } from "../options/configuration.ts";
import { evaluateOn, evaluationText, writeEvaluation } from "./eval.ts";
import { quantizedFrom, sizeText, verifiedExport, writeQuantized } from "./export.ts";
import { inspected } from "./inspect.ts";
import { library, type Model, noteSkipped, openData, openModel, withMachine } from "../open.ts";
import { optional } from "../options/option.ts";
import {
  type DataFlags,
  dataOptions,
  type ModelFlags,
  modelOptions,
  type QuantFlags,
  quantModeOptions,
  type SharedFlags,
} from "../options/shared.ts";
import { type QuantizeFlags, quantizeOptions } from "../options/quantize.ts";
import { filesText, requireWritable } from "../output.ts";
import { misuse, requirePreset, targetNamed } from "../options/target.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { type VerifyFlags, verifyingBy, verifyOption } from "../steps/verify.ts";

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
  async run(said, terminal) {
    const flags = checked(said, terminal);
    const { quantMode, inspect } = flags;
    const model = await openModel(await modelPath(flags));
    const data = await dataPaths(flags);
    if (data === undefined && !deploys(flags) && !inspect) {
      throw misuse("Cannot run quant: no data are named, expected --data_dir PATH or --data PATH");
    }
    if (quantMode !== "float" || inspect) await requireWritable(flags.output);
    const needsSettings = quantMode === "calib" || inspect;
    const settings = needsSettings ? await settingsOf(flags, model, terminal) : undefined;
    const steps: Outcome[] = [];
    if (inspect) {
      const { json: { outputs, ...inspection }, text } = await inspected(
        flags.output,
        model,
        settings!,
        flags.target,
      );
      steps.push({ json: { inspection, outputs }, text });
    }
    if (deploys(flags)) steps.push(await deployed(flags, model, terminal));
    if (data && quantMode === "calib") steps.push(await calibrated(flags, model, data, settings!, terminal));
    else if (data) steps.push(await tested(flags, model, data, terminal));
    return steps.reduce(joined);
  },
};

function deploys({ quantMode, deploy }: Flags): boolean {
  return quantMode === "test" && deploy === true;
}

function joined(before: Outcome, after: Outcome): Outcome {
  const outputs = [before, after].flatMap(({ json }) => json.outputs as string[]);
  const failure = before.failure ?? after.failure;
  return {
    json: { ...before.json, ...after.json, outputs },
    text: `${before.text}\n\n${after.text}`,
    failure,
  };
}

/** What is asked and has no effect is told, as upstream turns it off; what cannot be meant is misuse, before any work. */
function checked(flags: Flags, terminal: Terminal): Flags {
  const { quantMode, inspect, target, deploy, config, configFile = config, preset } = flags;
  const without = (what: string, why: string) => terminal.note(`--${what} has no effect ${why}`);
  if (deploy && quantMode !== "test") {
    without("deploy", `with --quant_mode ${quantMode}: models are exported in test mode`);
  }
  if (target === undefined) return flags;
  const name = targetNamed(target);
  if (quantMode !== "calib" && !inspect) without("target", `with --quant_mode ${quantMode}`);
  else if (configFile !== undefined) {
    without("target", `beside --config_file: its key "target_device" counts`);
  } else {
    requirePreset(target, "dpu", preset);
    terminal.note(
      `Quantizing for ${name} as for every DPU: its own limits of kernels and channels are not looked at`,
    );
    return { ...flags, preset: "dpu", target: name };
  }
  return { ...flags, target: undefined };
}

/** --model, or the only float model of --model_dir. */
async function modelPath({ model, modelDir }: Flags): Promise<string> {
  if (model !== undefined) return model;
  if (modelDir === undefined) {
    throw misuse("Cannot run quant: no model is named, expected --model_dir PATH or --model FILE");
  }
  if (!(await stat(modelDir)).isDirectory()) return modelDir;
  const models = (await readdir(modelDir)).filter((name) => /(?<!_int)\.onnx$/.test(name)).sort();
  if (models.length === 1) return join(modelDir, models[0]);
  throw new ConfigError(
    `Cannot choose a model of "${modelDir}": it has ${models.length} ONNX models` +
      `${models.length ? ` (${models.join(", ")})` : ""}, expected one; name it by --model FILE`,
  );
}

/** --data, or --data_dir, of whose parts the example scripts read val. */
async function dataPaths({ data, dataDir }: Flags): Promise<readonly string[] | undefined> {
  if (data !== undefined || dataDir === undefined) return data;
  const val = join(dataDir, "val");
  const isFolder = await stat(val).then((found) => found.isDirectory(), () => false);
  return [isFolder ? val : dataDir];
}

function openAll(flags: Flags, model: Model, data: readonly string[]): Promise<Dataset> {
  return openData(model, { ...flags, data });
}

async function calibrated(
  flags: Flags,
  model: Model,
  data: readonly string[],
  settings: Settings,
  terminal: Terminal,
): Promise<Outcome> {
  const dataset = await openAll(flags, model, data);
  return withMachine(flags, terminal, async (machine) => {
    const calibration = await calibrateOn(machine, model, dataset, { ...flags, data }, settings, terminal);
    noteSkipped(dataset, terminal);
    const encodings = await writeEncodings(flags.output, model, calibration);
    const found = dataset.labelled
      ? await evaluateOn(machine, model, await quantizedFrom(flags.output, model), dataset, {}, terminal)
      : undefined;
    const report = reportOf(model, seenBy(machine, dataset), calibration, settings, undefined, found);
    const files = [...encodings, ...await writeReport(flags.output, report)];
    return {
      json: {
        quant_mode: "calib",
        ...calibrationFields(report),
        ...(found && { evaluation: evaluationJson(found) }),
        outputs: files.map(({ path }) => path),
      },
      text: ending(
        [calibrationText(report), ...found ? [evaluationText(found)] : [], filesText(files)],
        found?.quantized,
      ),
    };
  });
}

/** Test mode, and float mode, which needs no quantization. */
async function tested(
  flags: Flags,
  model: Model,
  data: readonly string[],
  terminal: Terminal,
): Promise<Outcome> {
  const quantized = flags.quantMode === "test" ? await quantizedFrom(flags.output, model) : undefined;
  const dataset = await openAll(flags, model, data);
  return withMachine(flags, terminal, async (machine) => {
    if (!quantized) return floatOn(machine, model, dataset, terminal);
    const found = await evaluateOn(machine, model, quantized, dataset, {}, terminal);
    noteSkipped(dataset, terminal);
    const file = await writeEvaluation(flags.output, found, dataset);
    return {
      json: {
        quant_mode: "test",
        ...evaluationJson(found),
        skipped: dataset.skipped(),
        outputs: [file.path],
      },
      text: ending([evaluationText(found), filesText([file])], found.quantized),
    };
  });
}

async function floatOn(
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
    text: ending([`The float model on ${counted(images, "image")}, ${device}`], float),
  };
}

async function deployed(flags: Flags, model: Model, terminal: Terminal): Promise<Outcome> {
  const verifying = await verifyingBy(flags);
  const graph = await quantizedFrom(flags.output, model);
  const file = await writeQuantized(flags.output, model, graph);
  const verify = await verifiedExport(verifying, model, { file: file.path, graph }, flags, terminal);
  return {
    json: { quant_mode: "test", ...(verify.json && { verify: verify.json }), outputs: [file.path] },
    text: [sizeText(model, file), verify.text, filesText([file])].filter(Boolean).join("\n\n"),
    failure: verify.failure,
  };
}

/** The scripts end with this line. */
function ending(parts: readonly string[], accuracy: Accuracy | undefined): string {
  const line = accuracy
    ? `Accuracy: ${percentText(accuracy.top1).replace(/\s*%$/, "%")}`
    : "Accuracy: no image has a label";
  return [...parts, line].join("\n\n");
}
