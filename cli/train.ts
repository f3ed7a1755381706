// halftone train: quantization-aware training from what calib left, or from a calibration of its own.
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Dataset } from "../src/dataset/mod.ts";
import { ConfigError } from "../src/error.ts";
import type { Marks } from "../src/formats/quant_info.ts";
import { quantInfoOf } from "../src/formats/quant_info.ts";
import type { TrainOptions } from "../src/finetune/train/train.ts";
import type { Evaluation, Trained } from "../src/mod.ts";
import type { Machine } from "../src/plan/machine.ts";
import { evaluationJson, trainingJson } from "../src/report/json.ts";
import { counted, deviceText, percentText, secondsText, significant } from "../src/report/number.ts";
import { calibrateOn, reportOf, seenBy, writeEncodings, writeReport } from "./calib.ts";
import type { Command } from "./command.ts";
import { settingsOf } from "./configuration.ts";
import { graphDigest, modelDigest, textDigest, tunedDigest } from "./digest.ts";
import { evaluateOn } from "./eval.ts";
import { begunFrom, quantizedFrom, writeQuantized } from "./export.ts";
import { library, type Model, noteSkipped, openData, openModel, withMachine } from "./open.ts";
import {
  type DataFlags,
  evalDataOption,
  type ModelFlags,
  modelOptions,
  type SharedFlags,
} from "./options.ts";
import { filesText, requireWritable, shellWord, writeJson, type Written } from "./output.ts";
import { type QuantizeFlags, saidOptions } from "./quantize_options.ts";
import { type Cell, table } from "./table.ts";
import type { Terminal } from "./terminal.ts";
import { type TrainFlags, trainOptions, trainSettings } from "./train_options.ts";
import { adviseOfSteps, courseOf, removeTraining } from "./training_checkpoint.ts";
import { version } from "./version.ts";

type Flags = SharedFlags & ModelFlags & DataFlags & QuantizeFlags & TrainFlags & {
  readonly evalData?: readonly string[];
};

export const training: Command<Flags> = {
  summary: "train all quantized weights and scales towards the float model, and labels where there are some",
  options: [...modelOptions, ...trainOptions, evalDataOption],
  async run(flags, terminal) {
    const { output } = flags;
    await requireWritable(output);
    const model = await openModel(flags.model);
    const dataset = await openData(model, flags);
    const { evalData } = flags;
    const judging = evalData
      ? await openData(model, { ...flags, subsetLen: undefined, labels: undefined }, evalData)
      : dataset;
    return withMachine(flags, terminal, async (machine) => {
      await beginIn(machine, model, dataset, flags, terminal);
      noteSkipped(dataset, terminal);
      const before = await evaluateOn(
        machine,
        model,
        await quantizedFrom(output, model),
        judging,
        {},
        terminal,
      );
      const found = await trainOn(machine, model, dataset, flags, terminal);
      const written = await writeTrained(output, model, found);
      // Read back from the file: what is evaluated and exported is what the file says.
      const quantized = await quantizedFrom(output, model);
      const exported = await writeQuantized(output, model, quantized);
      const after = await evaluateOn(machine, model, quantized, judging, {}, terminal);
      const fields = {
        training: { ...trainingJson(found.training), seconds: found.seconds },
        evaluation_before: evaluationJson(before),
        evaluation: evaluationJson(after),
      };
      const report = await writeFields(output, fields);
      await removeTraining(output, model.stem);
      const files = [...written, exported, report];
      return {
        json: { device: machine.description, ...fields, outputs: files.map(({ path }) => path) },
        text: `${trainingText(model, machine, found, dataset.count)}\n\n${accuracyText(before, after)}\n\n${
          filesText(files)
        }`,
        next: `Next: run ${shellWord(exported.path)} with ONNX Runtime`,
      };
    });
  },
};

/** Leaves quant_info.json in the folder: a new one where none is, or where options of quantization are given. */
async function beginIn(
  machine: Machine,
  model: Model,
  dataset: Dataset,
  flags: Flags,
  terminal: Terminal,
): Promise<void> {
  const { output, resume, fastFinetune } = flags;
  const isThere = existsSync(join(output, "quant_info.json"));
  const isAsked = Object.keys(saidOptions(flags)).length > 0 || fastFinetune !== undefined ||
    (flags.config ?? flags.configFile) !== undefined;
  if (isThere && (resume || !isAsked)) {
    terminal.note(`Training begins with ${join(output, "quant_info.json")}`);
    return;
  }
  const settings = await settingsOf(flags, model, terminal);
  const asked = { ...flags, resume: resume && fastFinetune !== undefined };
  const calibration = await calibrateOn(machine, model, dataset, asked, settings, terminal);
  await writeEncodings(output, model, calibration);
  await writeReport(output, reportOf(model, seenBy(machine, dataset), calibration, settings));
}

type Found = Trained & { readonly marks: Marks; readonly seconds: number };

async function trainOn(
  machine: Machine,
  model: Model,
  dataset: Dataset,
  flags: Flags,
  terminal: Terminal,
): Promise<Found> {
  const { train } = await library();
  const { graph, marks, encodings } = await begunFrom(flags.output, model);
  const options: Partial<TrainOptions> = trainSettings(flags);
  const origin = {
    version: version(),
    network: textDigest([tunedDigest(graph, encodings), await modelDigest(model.path, model.graph)].join()),
    samples: textDigest(
      [...dataset.identity(), `labels ${dataset.labelled} ${flags.labels ?? ""}`].join("\n"),
    ),
    options: textDigest(JSON.stringify(options)),
    device: machine.description,
  };
  const { begin, keep } = await courseOf(flags.output, model.stem, origin, flags.resume, terminal);
  const started = performance.now();
  const progress = terminal.progress("Training", "steps", begin?.taken);
  const update = (taken: number, steps: number, loss: number) =>
    progress.update(taken, steps, `loss ${significant(loss)}`);
  try {
    const found = await train(model.graph, { graph, encodings }, dataset, machine, options, {
      begin,
      keep,
      progress: update,
    });
    return { ...found, marks, seconds: (performance.now() - started) / 1000 };
  } finally {
    adviseOfSteps(0);
    progress.finish();
  }
}

/** The tuned float model and quant_info.json; nothing where training has not made it better. */
async function writeTrained(folder: string, model: Model, found: Found): Promise<Written[]> {
  if (!found.training.accepted) return [];
  const { save } = await library();
  const calibratedModel = `${model.stem}_trained.onnx`;
  const marks: Marks = { ...found.marks, trained: true, calibratedModel };
  const body = quantInfoOf(found, version(), graphDigest(model.graph), marks);
  return [
    await save(found.graph, join(folder, calibratedModel)),
    await writeJson(folder, "quant_info.json", body),
  ];
}

/** Adds to report.json, which calib wrote. */
async function writeFields(folder: string, fields: Record<string, unknown>): Promise<Written> {
  const path = join(folder, "report.json");
  const text = existsSync(path) ? await readFile(path, "utf8") : "{}";
  let before: Record<string, unknown>;
  try {
    before = Object(JSON.parse(text));
  } catch (cause) {
    throw new ConfigError(`Cannot add to the report: ${(cause as Error).message}, expected JSON; remove it`, {
      where: [path],
      cause,
    });
  }
  return writeJson(folder, "report.json", { ...before, ...fields });
}

function trainingText(
  { file }: Model,
  { description, software }: Machine,
  { training, seconds }: Found,
  count: number,
): string {
  const { accepted, before, after, heldOut, images, labelled, left, notes, steps } = training;
  const judged = heldOut > 0 ? `${counted(heldOut, "image")} held out` : "the images it was trained on";
  const losses = `loss ${significant(before)} before, ${significant(after)} after, on ${judged}`;
  return table([
    ["Model", file],
    ["Device", deviceText(description, software)],
    ["Images", `${images < count ? `${images} of ${count}` : images}${labelled ? ", with labels" : ""}`],
    ["Training", `${counted(steps, "step")} in ${secondsText(seconds)}`],
    ["Result", accepted ? losses : `${losses}: no step was better, all is as before`],
    ...notes.map((note) => ["Warning", note]),
    ...left.map(({ name, why }) => [`  layer "${name}" as before`, why]),
  ]);
}

function accuracyText(before: Evaluation, after: Evaluation): string {
  const right = (text: string): Cell => ({ right: text });
  const { float } = after;
  const top1 = float && before.quantized && after.quantized
    ? [[
      "Top-1",
      right(percentText(float.top1)),
      right(percentText(before.quantized.top1)),
      right(percentText(after.quantized.top1)),
    ]]
    : [];
  return table([
    ["", right("float"), right("before"), right("trained")],
    ...top1,
    [
      "Same first answer",
      right(""),
      ...[before, after].map((one) => right(percentText(one.agreement * 100))),
    ],
    ["Output SQNR, dB", right(""), ...[before, after].map((one) => right(significant(one.outputSqnrDb)))],
  ]) + `\n\nOn ${counted(after.images, "image")}, ${after.mode}`;
}
