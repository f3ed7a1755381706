// halftone calib: measures ranges on data and chooses encodings.
import { join } from "node:path";
import process from "node:process";
import type { Dataset } from "../src/dataset/mod.ts";
import { quantInfoOf } from "../src/formats/quant_info.ts";
import type { Evaluated, Finetuning } from "../src/formats/results.ts";
import type { Calibration } from "../src/mod.ts";
import type { Machine } from "../src/plan/machine.ts";
import { calibrationJson, type Report, reportJson } from "../src/report/json.ts";
import { counted, deviceText, percentText, secondsText } from "../src/report/number.ts";
import type { Command } from "./command.ts";
import { graphDigest } from "./digest.ts";
import { finetunedFile, library, type Model, noteSkipped, openData, openModel, withMachine } from "./open.ts";
import { type DataFlags, dataOptions, type ModelFlags, modelOptions } from "./options.ts";
import { type QuantizeFlags, quantizeOptions, type SharedFlags } from "./options.ts";
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

export async function calibrateOn(
  machine: Machine,
  model: Model,
  dataset: Dataset,
  flags: Flags,
  terminal: Terminal,
): Promise<Calibration> {
  const { calibrate, defaultOptions } = await library();
  const options = {
    ...defaultOptions,
    ...given({
      preset: flags.preset,
      method: flags.method,
      weightBits: flags.weightBits,
      activationBits: flags.activationBits,
      perChannel: flags.perChannel,
      symmetric: flags.symmetric,
      exclude: flags.exclude,
    }),
  };
  terminal.detail(`Options: ${JSON.stringify(options)}`);
  const progress = terminal.progress("Calibrating");
  try {
    const calibration = await calibrate(model.graph, dataset, machine, options, progress.update);
    progress.finish();
    return flags.fastFinetune
      ? await finetuneOn(machine, model, dataset, calibration, flags, terminal)
      : calibration;
  } finally {
    progress.finish();
  }
}

async function finetuneOn(
  machine: Machine,
  model: Model,
  dataset: Dataset,
  calibration: Calibration,
  flags: Flags,
  terminal: Terminal,
): Promise<Calibration> {
  const { finetune } = await library();
  const { finetuneLen } = flags;
  const data = finetuneLen !== undefined && finetuneLen < dataset.count
    ? await openData(model, { ...flags, labels: undefined, subsetLen: finetuneLen })
    : dataset;
  const progress = terminal.progress("Finetuning", "layers");
  try {
    return await finetune(calibration, data, machine, progress.update);
  } finally {
    progress.finish();
  }
}

/** The entries that were said: an absent flag must not hide a default. */
function given<T extends Record<string, unknown>>(flags: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined)) as ReturnType<
    typeof given<T>
  >;
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

/** quant_info.json, and before it the float model with the tuned weights that it speaks of. */
export async function writeEncodings(
  folder: string,
  model: Model,
  calibration: Calibration,
): Promise<Written[]> {
  const { save } = await library();
  const tuned = calibration.finetune?.accepted
    ? [await save(calibration.graph, join(folder, finetunedFile(model)))]
    : [];
  const found = quantInfoOf(calibration, version(), graphDigest(model.graph));
  return [...tuned, await writeJson(folder, "quant_info.json", found)];
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
  const { finetune, floatNodes, images, options, quantizedNodes, seconds } = calibration;
  const facts = table([
    ["Model", model.file],
    ["Device", deviceText(device, software)],
    ["Images", String(images)],
    ["Method", options.method],
    ["Time", `${secondsText(seconds.total)}, of which ${secondsText(seconds.forward)} in the model`],
    ...(finetune ? [["Finetuned", finetuningText(finetune, seconds.finetune ?? 0)]] : []),
    ["Quantized", counted(quantizedNodes, "node")],
    ["Left in float", counted(floatNodes.length, "node")],
  ]);
  const shown = 10;
  const reasons = floatNodes.slice(0, shown).map(({ name, type, why }) => [`  ${type} "${name}"`, why]);
  const more = floatNodes.length > shown ? [[`  and ${floatNodes.length - shown} more, in report.html`]] : [];
  const left = (finetune?.layers ?? []).flatMap(({ name, why }) =>
    why ? [[`  layer "${name}" as calibrated`, why]] : []
  );
  const notes = [...reasons, ...more, ...left];
  return [facts, ...(notes.length ? [table(notes)] : [])].join("\n");
}

function finetuningText(
  { accepted, layers, outputError: { before, after } }: Finetuning,
  spent: number,
): string {
  const tuned = layers.filter(({ why }) => !why).length;
  const errors = `output error ${percentText(before * 100)} before, ${percentText(after * 100)} after`;
  if (!accepted) return `no: ${errors}; everything is as calibrated`;
  return `${tuned} of ${counted(layers.length, "layer")} in ${secondsText(spent)}, ${errors}`;
}
