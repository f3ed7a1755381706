// halftone calib: measures ranges on data and chooses encodings.
import process from "node:process";
import { join } from "node:path";
import { changesGraph } from "../src/calibrate/prepare_layers.ts";
import type { Dataset } from "../src/dataset/mod.ts";
import { quantInfoOf } from "../src/formats/quant_info.ts";
import type { Evaluated } from "../src/formats/results.ts";
import type { Calibration } from "../src/mod.ts";
import type { Machine } from "../src/plan/machine.ts";
import { calibrationJson, evaluationJson, type Report, reportJson } from "../src/report/json.ts";
import { counted, decibelText, deviceText, percentText, secondsText } from "../src/report/number.ts";
import type { Command, Outcome } from "./command.ts";
import { graphDigest } from "./digest.ts";
import { library, type Model, noteSkipped, openData, openModel, withMachine } from "./open.ts";
import { type DataFlags, dataOptions, type ModelFlags, modelOptions } from "./options.ts";
import type { SharedFlags } from "./options.ts";
import { type QuantizeFlags, quantizeOptions, saidOptions } from "./quantize_options.ts";
import { filesText, requireWritable, shellWord, writeJson, writeText, type Written } from "./output.ts";
import { table } from "./table.ts";
import type { Terminal } from "./terminal.ts";
import { version } from "./version.ts";

type Flags = SharedFlags & ModelFlags & DataFlags & QuantizeFlags;

export const calib: Command<Flags> = {
  summary: "measure ranges on data and choose encodings: quant_info.json and a report",
  options: [...modelOptions, ...dataOptions, ...quantizeOptions],
  async run(flags, terminal) {
    await requireWritable(flags.output);
    const model = await openModel(flags.model);
    const dataset = await openData(model, flags);
    return withMachine(flags, terminal, async (machine) => {
      if (flags.method === "all") return compared(machine, model, dataset, flags);
      const calibration = await calibrateOn(machine, model, dataset, flags, terminal);
      noteSkipped(dataset, terminal);
      const report = reportOf(model, dataset, machine, calibration);
      const files = [
        ...await writeEncodings(flags.output, model, calibration),
        ...await writeReport(flags.output, report),
      ];
      const again = `--model ${shellWord(flags.model)} --output ${shellWord(flags.output)}`;
      return {
        json: { ...calibrationFields(report), outputs: files.map(({ path }) => path) },
        text: `${calibrationText(report)}\n\n${filesText(files)}`,
        next: `Next: "halftone export ${again}" writes the quantized model, ` +
          `"halftone eval ${again} --data PATH" compares it with the float model`,
      };
    });
  },
};

/** Every method on the calibration data: accuracy where there are labels, else how far the outputs are apart. */
async function compared(machine: Machine, model: Model, dataset: Dataset, flags: Flags): Promise<Outcome> {
  const { compareMethods } = await library();
  const { method: _, ...others } = flags;
  const rows = await compareMethods(model.graph, dataset, dataset, machine, saidOptions(others));
  const methods = rows.map(({ method, evaluation }) => ({ method, ...evaluationJson(evaluation) }));
  const file = await writeJson(flags.output, "methods.json", methods);
  const text = table([
    ["Method", { right: "Top-1" }, { right: "Same answer" }, { right: "SQNR" }],
    ...rows.map(({ method, evaluation: { quantized, agreement, outputSqnrDb } }) => [
      method,
      { right: quantized ? percentText(quantized.top1) : "" },
      { right: percentText(100 * agreement) },
      { right: decibelText(outputSqnrDb) },
    ]),
  ]);
  return { json: { methods, outputs: [file.path] }, text: `${text}\n\n${filesText([file])}` };
}

export async function calibrateOn(
  machine: Machine,
  model: Model,
  dataset: Dataset,
  flags: QuantizeFlags,
  terminal: Terminal,
): Promise<Calibration> {
  const { calibrate } = await library();
  const options = saidOptions(flags);
  terminal.detail(`Options: ${JSON.stringify(options)}`);
  const progress = terminal.progress("Calibrating");
  try {
    return await calibrate(model.graph, dataset, machine, options, progress.update);
  } finally {
    progress.finish();
  }
}

export function reportOf(
  model: Model,
  dataset: Dataset,
  machine: Machine,
  calibration: Calibration,
  exported?: Report["exported"],
  evaluation?: Evaluated,
): Report {
  return {
    program: `halftone ${version()}`,
    model: { file: model.file, bytes: model.bytes },
    exported,
    device: machine.description,
    software: machine.software,
    skipped: dataset.skipped(),
    calibration,
    evaluation,
  };
}

/** quant_info.json, and before it the float model that it belongs to where that is no longer the file's. */
export async function writeEncodings(
  folder: string,
  model: Model,
  calibration: Calibration,
): Promise<Written[]> {
  const found = quantInfoOf(calibration, version(), graphDigest(model.graph));
  if (!changesGraph(calibration.options)) return [await writeJson(folder, "quant_info.json", found)];
  const { save } = await library();
  const file = `${model.stem}_calibrated.onnx`;
  const calibrated = await save(calibration.graph, join(folder, file));
  const bias_corrected = calibration.options.biasCorrection !== undefined;
  const changed = { ...found, bias_corrected, calibrated_model: file };
  return [calibrated, await writeJson(folder, "quant_info.json", changed)];
}

export async function writeReport(folder: string, report: Report): Promise<Written[]> {
  // Loaded late: drawing takes a third of a second to load, and nothing else needs it.
  const { reportHtml } = await import("../src/report/html.ts");
  const page = await reportHtml(report);
  return [
    await writeJson(folder, "report.json", reportJson(report)),
    await writeText(folder, "report.html", page),
  ];
}

export function calibrationFields(report: Report): Record<string, unknown> {
  return {
    ...calibrationJson(report.calibration, report.device),
    software_adapter: report.software,
    peak_rss_bytes: process.resourceUsage().maxRSS * 1024,
    skipped: report.skipped,
  };
}

export function calibrationText({ calibration, model, device, software }: Report): string {
  const { floatNodes, images, options, quantizedNodes, seconds } = calibration;
  const facts = table([
    ["Model", model.file],
    ["Device", deviceText(device, software)],
    ["Images", String(images)],
    ["Method", options.method],
    ["Time", `${secondsText(seconds.total)}, of which ${secondsText(seconds.forward)} in the model`],
    ["Quantized", counted(quantizedNodes, "node")],
    ["Left in float", counted(floatNodes.length, "node")],
  ]);
  const shown = 10;
  const reasons = floatNodes.slice(0, shown).map(({ name, type, why }) => [`  ${type} "${name}"`, why]);
  const more = floatNodes.length > shown ? [[`  and ${floatNodes.length - shown} more, in report.html`]] : [];
  return [facts, ...(floatNodes.length ? [table([...reasons, ...more])] : [])].join("\n");
}
