// halftone calib: measures ranges on data and chooses encodings.
import process from "node:process";
import { join } from "node:path";
import { changesGraph } from "../../src/calibrate/prepare_layers.ts";
import type { Dataset } from "../../src/dataset/mod.ts";
import { ConfigError } from "../../src/error.ts";
import { type Marks, quantInfoOf } from "../../src/files/quant_info.ts";
import type { Evaluated } from "../../src/files/results.ts";
import type { Calibration, Graph } from "../../src/mod.ts";
import type { Machine } from "../../src/plan/machine.ts";
import { calibrationJson, type Report, reportJson } from "../../src/report/json.ts";
import { counted, deviceText, secondsText } from "../../src/report/number.ts";
import { removeCheckpoints } from "../steps/finetune_checkpoint.ts";
import type { Command } from "../command.ts";
import { type Settings, settingsOf } from "../options/configuration.ts";
import { compared } from "../steps/compare_methods.ts";
import { graphDigest, modelDigest } from "../steps/digest.ts";
import { type Asked, finetuneOn, finetuningText } from "../steps/finetune.ts";
import { library, type Model, noteSkipped, openData, openModel, withMachine } from "../open.ts";
import {
  type DataFlags,
  dataOptions,
  type DrawFlags,
  drawsOption,
  type ModelFlags,
  modelOptions,
  type ShardFlags,
  shardOption,
  type SharedFlags,
} from "../options/shared.ts";
import { type QuantizeFlags, quantizeOptions } from "../options/quantize.ts";
import { filesText, requireWritable, shellWord, writeJson, writeText, type Written } from "../output.ts";
import { measureShard } from "../steps/shard.ts";
import { table } from "../terminal/table.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { version } from "../version.ts";

type Flags = SharedFlags & ModelFlags & DataFlags & QuantizeFlags & ShardFlags & DrawFlags;

export const calib: Command<Flags> = {
  summary: "measure ranges on data and choose encodings: quant_info.json and a report",
  options: [...modelOptions, ...dataOptions, shardOption, drawsOption, ...quantizeOptions],
  async run(flags, terminal) {
    await requireWritable(flags.output);
    const model = await openModel(flags.model);
    const all = flags.method === "all";
    const settings = await settingsOf(all ? { ...flags, method: undefined } : flags, model, terminal);
    const dataset = await openData(model, flags);
    return withMachine(flags, terminal, async (machine) => {
      const { shard } = flags;
      if (all) {
        const [draws, judging] = await drawsOf(flags, model, dataset);
        return compared(flags.output, { machine, model, settings, draws, judging });
      }
      if (shard) return measureShard(flags.output, { model, dataset, machine, settings, shard }, terminal);
      const calibration = await calibrateOn(machine, model, dataset, flags, settings, terminal);
      noteSkipped(dataset, terminal);
      const report = reportOf(model, seenBy(machine, dataset), calibration, settings);
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

/** With --draws, as many subsets by the next seeds, judged on all the data; else the data themselves. */
async function drawsOf(flags: Flags, model: Model, dataset: Dataset): Promise<[Dataset[], Dataset]> {
  const { draws = 1, subsetLen, seed } = flags;
  if (draws === 1) return [[dataset], dataset];
  if (subsetLen === undefined) {
    throw new ConfigError("Cannot draw several times: --draws needs --subset-len N, the images of a draw");
  }
  const others = Array.from(
    { length: draws - 1 },
    (_, i) => openData(model, { ...flags, seed: seed + i + 1 }),
  );
  const judging = await openData(model, { ...flags, subsetLen: undefined });
  return [[dataset, ...await Promise.all(others)], judging];
}

export async function calibrateOn(
  machine: Machine,
  model: Model,
  dataset: Dataset,
  flags: Asked,
  { options }: Settings,
  terminal: Terminal,
): Promise<Calibration> {
  if (flags.resume && !flags.fastFinetune) {
    throw new ConfigError(
      "Cannot resume: --fast-finetune is absent, expected both; only finetuning is resumed",
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
  return finetuneOn(machine, { model, dataset, calibration }, flags, terminal);
}

/** What a report tells of the device and the data. */
type Seen = Pick<Report, "device" | "software" | "skipped">;

export function seenBy({ description, software }: Machine, dataset: Dataset): Seen {
  return { device: description, software, skipped: dataset.skipped() };
}

export function reportOf(
  { file, bytes }: Model,
  seen: Seen,
  calibration: Calibration,
  { effective, notes }: Settings,
  exported?: Report["exported"],
  evaluation?: Evaluated,
): Report {
  const program = `halftone ${version()}`;
  return { program, model: { file, bytes }, exported, ...seen, calibration, effective, notes, evaluation };
}

/** quant_info.json, and before it the float model that it belongs to where that is no longer the file's. */
export async function writeEncodings(
  folder: string,
  model: Model,
  calibration: Calibration,
): Promise<Written[]> {
  const { graph, options, finetune } = calibration;
  const fastFinetuned = finetune?.accepted ?? false;
  const changed = fastFinetuned ? "finetuned" : changesGraph(options) ? "calibrated" : undefined;
  const calibratedModel = changed && `${model.stem}_${changed}.onnx`;
  const changedFile = calibratedModel && await saveCalibrated(folder, calibratedModel, graph);
  const marks: Marks = {
    fastFinetuned,
    biasCorrected: options.biasCorrection !== undefined,
    ...(changedFile && changedFile.marks),
  };
  const found = quantInfoOf(calibration, version(), graphDigest(model.graph), marks);
  const models = changedFile ? [changedFile.written] : [];
  const file = await writeJson(folder, "quant_info.json", found);
  if (finetune) await removeCheckpoints(folder, model.stem);
  return [...models, file];
}

/** Writes the float model that encodings belong to, and the marks by which they know it. */
export async function saveCalibrated(folder: string, name: string, graph: Graph): Promise<SavedModel> {
  const { save } = await library();
  const path = join(folder, name);
  const written = await save(graph, path);
  return { written, marks: { calibratedModel: name, calibratedDigest: await modelDigest(path, graph) } };
}

type SavedModel = {
  readonly written: Written;
  readonly marks: Pick<Marks, "calibratedModel" | "calibratedDigest">;
};

export async function writeReport(folder: string, report: Report): Promise<Written[]> {
  // Loaded late: drawing takes a third of a second to load, and nothing else needs it.
  const { reportHtml } = await import("../../src/report/html.ts");
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
  const { finetune, floatNodes, images, options, quantizedNodes, seconds, warnings = [] } = calibration;
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
  // Of gradient steps every layer may have a note: those are in the reports.
  const isNoted = finetune?.method === "second-moment";
  const left = (finetune?.layers ?? []).flatMap(({ name, why, note }) => {
    if (why) return [[`  layer "${name}" as calibrated`, why]];
    return note && isNoted ? [[`  layer "${name}"`, note]] : [];
  });
  const warned = warnings.map((warning) => [`Warning: ${warning}`]);
  const notes = [...reasons, ...more, ...left];
  return [facts, ...[notes, warned].flatMap((rows) => rows.length ? [table(rows)] : [])].join("\n");
}
