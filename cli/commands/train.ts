// halftone train: quantization-aware training from what calib left, or from a calibration of its own.
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Dataset } from "../../src/dataset/mod.ts";
import { ConfigError } from "../../src/error.ts";
import type { Marks } from "../../src/files/quant_info.ts";
import { parseQuantInfo, quantInfoOf } from "../../src/files/quant_info.ts";
import type { TrainingOrigin } from "../../src/files/training_checkpoint.ts";
import type { Graph } from "../../src/graph/graph.ts";
import type { TrainOptions } from "../../src/finetune/train/train.ts";
import type { Encodings, Evaluation, Trained } from "../../src/mod.ts";
import type { Machine } from "../../src/plan/machine.ts";
import { evaluationJson, trainingJson } from "../../src/report/json.ts";
import { counted, deviceText, percentText, secondsText, significant } from "../../src/report/number.ts";
import { calibrateOn, reportOf, saveCalibrated, seenBy, writeEncodings, writeReport } from "./calib.ts";
import type { Command, Outcome } from "../command.ts";
import { settingsOf } from "../options/configuration.ts";
import { graphDigest, modelDigest, textDigest, tunedDigest } from "../steps/digest.ts";
import { evaluateOn, evaluationText } from "./eval.ts";
import { type Begun, begunFrom, writeQuantized } from "./export.ts";
import { library, type Model, noteSkipped, openData, openModel, withMachine } from "../open.ts";
import {
  type DataFlags,
  evalDataOption,
  type ModelFlags,
  modelOptions,
  type SharedFlags,
} from "../options/shared.ts";
import { filesText, requireWritable, shellWord, writeJson, type Written } from "../output.ts";
import { type QuantizeFlags, saidOptions } from "../options/quantize.ts";
import { type Cell, table } from "../terminal/table.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { type TrainFlags, trainOptions, trainSettings } from "../options/train.ts";
import { adviseOfSteps, courseOf, removeTraining } from "../steps/training_checkpoint.ts";
import { verified, type VerifyFlags, verifyingBy, verifyOption } from "../steps/verify.ts";
import { version } from "../version.ts";

type Flags = SharedFlags & ModelFlags & DataFlags & QuantizeFlags & TrainFlags & VerifyFlags & {
  readonly evalData?: readonly string[];
};

export const training: Command<Flags> = {
  summary: "train all quantized weights and scales towards the float model, and labels where there are some",
  options: [...modelOptions, ...trainOptions, evalDataOption, verifyOption],
  async run(flags, terminal) {
    const { output } = flags;
    await requireWritable(output);
    const verifying = await verifyingBy(flags);
    const model = await openModel(flags.model);
    const dataset = await openData(model, flags);
    const { evalData } = flags;
    const judging = evalData
      ? await openData(model, { ...flags, subsetLen: undefined, labels: undefined }, evalData)
      : dataset;
    return withMachine(flags, terminal, async (machine) => {
      await beginIn(machine, model, dataset, flags, terminal);
      noteSkipped(dataset, terminal);
      const begun = await begunFrom(output, model);
      const origin = await originOf(machine, model, dataset, begun, flags);
      const { quantize } = await library();
      const evaluated = (quantized: Graph) => evaluateOn(machine, model, quantized, judging, {}, terminal);
      const initial = quantize(begun.graph, begun.encodings);
      const before = await evaluated(initial);
      if (flags.resume && begun.marks.course === courseDigest(origin)) {
        return ended(output, model, machine, before, terminal);
      }
      const found = await trainOn(machine, model, dataset, begun, origin, flags, terminal);
      const deployed = found.training.accepted ? quantize(found.graph, told(found)) : initial;
      const exported = await writeQuantized(output, model, deployed);
      const after = await evaluated(deployed);
      const work = {
        machine,
        model,
        written: { file: exported.path, graph: deployed },
        named: exported.path,
      };
      const verify = await verified(verifying, { ...work, dataset: judging }, terminal);
      const fields = {
        training: { ...trainingJson(found.training), seconds: found.seconds },
        evaluation_before: evaluationJson(before),
        evaluation: evaluationJson(after),
        ...(verify.json && { verify: verify.json }),
      };
      const report = await writeFields(output, fields);
      // Last of all: until quant_info.json is replaced, an interrupted run can resume from what it began with.
      const written = await writeTrained(output, model, found);
      await removeTraining(output, model.stem);
      const files = [...written, exported, report];
      return {
        json: { device: machine.description, ...fields, outputs: files.map(({ path }) => path) },
        text: [
          trainingText(model, machine, found, dataset.count),
          accuracyText(before, after),
          verify.text,
          filesText(files),
        ].filter(Boolean).join("\n\n"),
        next: `Next: run ${shellWord(exported.path)} with ONNX Runtime`,
        failure: verify.failure,
      };
    });
  },
};

/** A run that was interrupted after its results were in place. */
async function ended(
  output: string,
  model: Model,
  machine: Machine,
  evaluation: Evaluation,
  terminal: Terminal,
): Promise<Outcome> {
  terminal.note("Training had ended: its results are in place; leave out --resume to train on from them");
  await removeTraining(output, model.stem);
  const paths = [join(output, "quant_info.json"), join(output, `${model.stem}_int.onnx`)];
  return {
    json: { device: machine.description, evaluation: evaluationJson(evaluation), outputs: paths },
    text: evaluationText(evaluation),
  };
}

/** The encodings as quant_info.json will say them. */
function told(found: Found): Encodings {
  return parseQuantInfo(JSON.stringify(quantInfoOf(found, "", "", found.marks))).encodings;
}

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

async function originOf(
  machine: Machine,
  model: Model,
  dataset: Dataset,
  { graph, encodings }: Begun,
  flags: Flags,
): Promise<TrainingOrigin> {
  return {
    version: version(),
    network: textDigest([tunedDigest(graph, encodings), await modelDigest(model.path, model.graph)].join()),
    samples: textDigest(
      [...dataset.identity(), `labels ${dataset.labelled} ${flags.labels ?? ""}`].join("\n"),
    ),
    options: textDigest(JSON.stringify(trainSettings(flags))),
    device: machine.description,
  };
}

/** Of all but the network: what training ends with says which course it was. */
function courseDigest({ network: _, ...course }: TrainingOrigin): string {
  return textDigest(JSON.stringify(course));
}

async function trainOn(
  machine: Machine,
  model: Model,
  dataset: Dataset,
  { graph, encodings, marks }: Begun,
  origin: TrainingOrigin,
  flags: Flags,
  terminal: Terminal,
): Promise<Found> {
  const { train } = await library();
  const options: Partial<TrainOptions> = trainSettings(flags);
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
    return {
      ...found,
      marks: { ...marks, course: courseDigest(origin) },
      seconds: (performance.now() - started) / 1000,
    };
  } finally {
    adviseOfSteps(0);
    progress.finish();
  }
}

/** The tuned float model and quant_info.json; nothing where training has not made it better. */
async function writeTrained(folder: string, model: Model, found: Found): Promise<Written[]> {
  if (!found.training.accepted) return [];
  const saved = await saveCalibrated(folder, `${model.stem}_trained.onnx`, found.graph);
  const marks: Marks = { ...found.marks, trained: true, ...saved.marks };
  const body = quantInfoOf(found, version(), graphDigest(model.graph), marks);
  return [saved.written, await writeJson(folder, "quant_info.json", body)];
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
