// Calibration of a model on a device, and the files and text that report it.
import process from "node:process";
import type { Dataset } from "../../src/dataset/mod.ts";
import { ConfigError } from "../../src/error.ts";
import type { Calibration } from "../../src/mod.ts";
import type { Machine } from "../../src/plan/machine.ts";
import { calibrationJson, type Report, reportJson } from "../../src/report/json.ts";
import { countText, deviceText, secondsText } from "../../src/report/number.ts";
import type { Outcome } from "../command.ts";
import { library, type Model } from "../open.ts";
import type { ResolvedConfig } from "../options/configuration.ts";
import { filesText, writeJson, writeText, type WrittenFile } from "../output.ts";
import { table } from "../terminal/table.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { version } from "../../src/storage/version.ts";
import { writeEncodings } from "./encodings.ts";
import { type FinetuneFlags, finetuneModel, finetuningText } from "./finetune.ts";

/** Calibrates, and finetunes if --fast-finetune is given. */
export async function calibrateModel(
  machine: Machine,
  model: Model,
  dataset: Dataset,
  flags: FinetuneFlags,
  { options }: ResolvedConfig,
  terminal: Terminal,
): Promise<Calibration> {
  if (flags.resume && !flags.fastFinetune) {
    throw new ConfigError(
      "Cannot resume: --fast-finetune is absent; only finetuning can be resumed, so pass both",
    );
  }
  const { calibrate } = await library();
  terminal.detail(`Options: ${JSON.stringify(options)}`);
  const progress = terminal.progress("Calibrating");
  let calibration: Calibration;
  try {
    calibration = await calibrate(model.graph, dataset, machine, options, progress.update);
  } finally {
    progress.finish();
  }
  if (!flags.fastFinetune) return calibration;
  return finetuneModel(machine, { model, dataset, calibration }, flags, terminal);
}

/** The device and the data of a calibration, as a report names them. */
type Provenance = Pick<Report, "device" | "software" | "skipped">;

export function provenanceOf({ description, software }: Machine, dataset: Dataset): Provenance {
  return { device: description, software, skipped: dataset.skipped() };
}

type WrittenReport = {
  readonly files: readonly WrittenFile[];
  readonly fields: Record<string, unknown>;
  readonly text: string;
};

/** Writes report.json and report.html; the result has their paths and the same as JSON fields and as text. */
export async function writeReport(
  folder: string,
  { file, bytes }: Model,
  provenance: Provenance,
  calibration: Calibration,
  { effective, notes }: ResolvedConfig,
  more: Pick<Report, "exported" | "evaluation" | "verify"> = {},
): Promise<WrittenReport> {
  const program = `halftone ${version()}`;
  const report = { program, model: { file, bytes }, ...provenance, calibration, effective, notes, ...more };
  // Loaded on demand: the charts take a third of a second to load.
  const { reportHtml } = await import("../../src/report/html.ts");
  const page = await reportHtml(report);
  const files = [
    await writeJson(folder, "report.json", reportJson(report)),
    await writeText(folder, "report.html", page),
  ];
  return { files, fields: calibrationFields(report), text: calibrationText(report) };
}

/** Writes the encodings and the report of a calibration that is not evaluated. */
export async function writeCalibration(
  folder: string,
  model: Model,
  provenance: Provenance,
  calibration: Calibration,
  config: ResolvedConfig,
): Promise<Outcome> {
  const encodings = await writeEncodings(folder, model, calibration);
  const report = await writeReport(folder, model, provenance, calibration, config);
  const files = [...encodings, ...report.files];
  return {
    json: { ...report.fields, outputs: files.map(({ path }) => path) },
    text: `${report.text}\n\n${filesText(files)}`,
  };
}

function calibrationFields(report: Report): Record<string, unknown> {
  return {
    ...calibrationJson(report.calibration, report.device),
    software_adapter: report.software,
    peak_rss_bytes: process.resourceUsage().maxRSS * 1024,
    skipped: report.skipped,
  };
}

function calibrationText({ calibration, model, device, software }: Report): string {
  const { finetune, floatNodes, images, options, quantizedNodes, seconds, warnings = [] } = calibration;
  const facts = table([
    ["Model", model.file],
    ["Device", deviceText(device, software)],
    ["Images", String(images)],
    ["Method", options.method],
    ["Time", `${secondsText(seconds.total)}, ${secondsText(seconds.forward)} of it running the model`],
    ...(finetune ? [["Finetuned", finetuningText(finetune, seconds.finetune ?? 0)]] : []),
    ["Quantized", countText(quantizedNodes, "node")],
    ["Left in float", countText(floatNodes.length, "node")],
  ]);
  const shown = 10;
  const reasons = floatNodes.slice(0, shown).map(({ name, type, why }) => [`  ${type} "${name}"`, why]);
  const more = floatNodes.length > shown ? [[`  and ${floatNodes.length - shown} more, in report.html`]] : [];
  // After gradient steps every layer may have a note: those are only in the reports.
  const showsNotes = finetune?.method === "second-moment";
  const layers = (finetune?.layers ?? []).flatMap(({ name, why, note }) => {
    if (why) return [[`  layer "${name}" as calibrated`, why]];
    return note && showsNotes ? [[`  layer "${name}"`, note]] : [];
  });
  const notes = [...reasons, ...more, ...layers];
  const warningRows = warnings.map((warning) => [`Warning: ${warning}`]);
  return [facts, ...[notes, warningRows].flatMap((rows) => rows.length ? [table(rows)] : [])].join("\n");
}
