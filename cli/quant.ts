// halftone quant: the four runs of the Vitis AI quantizer's example scripts, with their options and their files.
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { CommanderError } from "commander";
import type { Dataset } from "../src/dataset/mod.ts";
import { ConfigError } from "../src/error.ts";
import type { Accuracy } from "../src/evaluate/evaluate.ts";
import { nearestWord } from "../src/formats/nearest.ts";
import type { Machine } from "../src/plan/machine.ts";
import { dpuNamed, dpuNames } from "../src/quantize/targets/dpu_names.ts";
import { evaluationJson } from "../src/report/json.ts";
import { counted, percentText } from "../src/report/number.ts";
import {
  calibrateOn,
  calibrationFields,
  calibrationText,
  reportOf,
  seenBy,
  writeEncodings,
  writeReport,
} from "./calib.ts";
import type { Command, Outcome } from "./command.ts";
import { settingsOf } from "./configuration.ts";
import { evaluateOn, evaluationText, writeEvaluation } from "./eval.ts";
import { quantizedFrom, sizeText, writeQuantized } from "./export.ts";
import { library, type Model, noteSkipped, openData, openModel, withMachine } from "./open.ts";
import { type DataFlags, dataOptions, type ModelFlags, modelOptions, optional } from "./options.ts";
import { type QuantFlags, quantModeOptions } from "./options.ts";
import type { SharedFlags } from "./options.ts";
import { type QuantizeFlags, quantizeOptions } from "./quantize_options.ts";
import { filesText, requireWritable } from "./output.ts";
import type { Terminal } from "./terminal.ts";

type Flags = SharedFlags & Partial<ModelFlags> & Partial<DataFlags> & QuantizeFlags & QuantFlags & {
  readonly output: string;
  readonly batchSize: number;
};

export const quant: Command<Flags> = {
  summary: "the four modes of the Vitis AI quantizer's scripts: --quant_mode float|calib|test, --deploy",
  options: [...quantModeOptions, ...optional(modelOptions), ...optional(dataOptions), ...quantizeOptions],
  async run(said, terminal) {
    const flags = checked(said, terminal);
    const { quantMode, deploy } = flags;
    const model = await openModel(await modelPath(flags));
    const data = await dataPaths(flags);
    const deploys = quantMode === "test" && deploy === true;
    if (quantMode !== "float") await requireWritable(flags.output);
    if (data === undefined) {
      if (deploys) return deployed(flags, model);
      throw misuse("Cannot run quant: no data are named, expected --data_dir PATH or --data PATH");
    }
    if (quantMode === "calib") return calibrated(flags, model, data, terminal);
    const written = deploys ? await deployed(flags, model) : undefined;
    const found = await tested(flags, model, data, terminal);
    if (!written) return found;
    const outputs = [written, found].flatMap(({ json }) => json.outputs as string[]);
    return { json: { ...written.json, ...found.json, outputs }, text: `${written.text}\n\n${found.text}` };
  },
};

/** What is asked and has no effect is told, as upstream turns it off; what cannot be meant is misuse, before any work. */
function checked(flags: Flags, terminal: Terminal): Flags {
  const { quantMode, inspect, target, deploy, config, configFile = config, preset } = flags;
  const without = (what: string, why: string) => terminal.note(`--${what} has no effect ${why}`);
  if (inspect) {
    without("inspect", "yet: halftone does not say which nodes the target cannot run; all else is done");
  }
  if (deploy && quantMode !== "test") {
    without("deploy", `with --quant_mode ${quantMode}: models are exported in test mode`);
  }
  if (target === undefined) return flags;
  const name = dpuNamed(target);
  if (name === undefined) throw misuse(unknownTarget(target));
  if (quantMode !== "calib") without("target", `with --quant_mode ${quantMode}`);
  else if (configFile !== undefined) {
    without("target", `beside --config_file: its key "target_device" counts`);
  } else if (preset !== undefined && preset !== "dpu") {
    throw misuse(
      `Cannot quantize for "${target}" by --preset ${preset}: expected one of the two, or --preset dpu`,
    );
  } else {
    terminal.note(`Quantizing for ${name} as for every DPU: which nodes it cannot run is not looked at`);
    return { ...flags, preset: "dpu" };
  }
  return flags;
}

function unknownTarget(target: string): string {
  const near = nearestWord(target, dpuNames);
  const advice = near ? `, did you mean "${near}"?` : ", expected a DPU's name or fingerprint (0x…)";
  return `Cannot quantize for "${target}": it is no target that halftone knows${advice}`;
}

function misuse(message: string): CommanderError {
  return new CommanderError(2, "halftone.misuse", message);
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
  terminal: Terminal,
): Promise<Outcome> {
  const settings = await settingsOf(flags, model, terminal);
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

async function deployed({ output }: Flags, model: Model): Promise<Outcome> {
  const file = await writeQuantized(output, model, await quantizedFrom(output, model));
  return {
    json: { quant_mode: "test", outputs: [file.path] },
    text: `${sizeText(model, file)}\n\n${filesText([file])}`,
  };
}

/** The scripts end with this line. */
function ending(parts: readonly string[], accuracy: Accuracy | undefined): string {
  const line = accuracy
    ? `Accuracy: ${percentText(accuracy.top1).replace(/\s*%$/, "%")}`
    : "Accuracy: no image has a label";
  return [...parts, line].join("\n\n");
}
