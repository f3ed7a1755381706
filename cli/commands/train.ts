// halftone train: quantization-aware training, from the calibration in --output or from a new one.
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Dataset } from "../../src/dataset/mod.ts";
import { ConfigError } from "../../src/error.ts";
import { type Marks, parseQuantInfo, quantInfoOf } from "../../src/files/quant_info.ts";
import type { TrainingOrigin } from "../../src/files/training_checkpoint.ts";
import type { TrainOptions } from "../../src/finetune/train/train.ts";
import type { Graph } from "../../src/graph/graph.ts";
import type { Encodings, Evaluation, Trained } from "../../src/mod.ts";
import type { Machine } from "../../src/plan/machine.ts";
import { evaluationJson, trainingJson } from "../../src/report/json.ts";
import { counted, deviceText, percentText, secondsText, significant } from "../../src/report/number.ts";
import type { Command, Outcome } from "../command.ts";
import { library, type Model, noteSkipped, openData, openEvalData, openModel, withMachine } from "../open.ts";
import { resolveConfig } from "../options/configuration.ts";
import { givenOptions, type QuantizeFlags } from "../options/quantize.ts";
import { type DataFlags, type EvalDataFlags, evalDataOption } from "../options/shared.ts";
import { type ModelFlags, modelOptions, type SharedFlags } from "../options/shared.ts";
import { type TrainFlags, trainOptions, trainSettings } from "../options/train.ts";
import { filesText, requireWritable, shellWord, writeJson, type WrittenFile } from "../output.ts";
import { calibrateModel, provenanceOf, writeCalibration } from "../steps/calibrate.ts";
import { graphDigest, modelDigest, networkDigest, textDigest } from "../steps/digest.ts";
import { quantInfoFile, readCalibration, type SavedCalibration, saveFloatModel } from "../steps/encodings.ts";
import { evaluateModel, evaluationText } from "../steps/evaluate.ts";
import { writeQuantized } from "../steps/export.ts";
import { adviseResume } from "../steps/resume.ts";
import { openTrainingCheckpoint, removeTrainingCheckpoint } from "../steps/training_checkpoint.ts";
import { findVerifier, type VerifyFlags, verifyOption, verifyWritten } from "../steps/verify.ts";
import { type Cell, table } from "../terminal/table.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { version } from "../version.ts";

type Flags =
  & SharedFlags
  & ModelFlags
  & DataFlags
  & EvalDataFlags
  & QuantizeFlags
  & TrainFlags
  & VerifyFlags;

export const training: Command<Flags> = {
  summary: "train all quantized weights and scales to match the float model, and labels if there are any",
  options: [...modelOptions, ...trainOptions, evalDataOption, verifyOption],
  async run(flags, terminal) {
    const { output } = flags;
    await requireWritable(output);
    const verifier = await findVerifier(flags);
    const model = await openModel(flags.model);
    const dataset = await openData(model, flags);
    // --labels is about the training data.
    const evalDataset = await openEvalData(model, { ...flags, labels: undefined }) ?? dataset;
    return withMachine(flags, terminal, async (machine) => {
      await ensureCalibration(machine, model, dataset, flags, terminal);
      noteSkipped(dataset, terminal);
      const calibration = await readCalibration(output, model);
      const origin = await originOf(machine, model, dataset, calibration, flags);
      const { quantize } = await library();
      const evaluate = (quantized: Graph) =>
        evaluateModel(machine, model, quantized, evalDataset, {}, terminal);
      const initial = quantize(calibration.graph, calibration.encodings);
      const before = await evaluate(initial);
      if (flags.resume && calibration.marks.course === courseDigest(origin)) {
        return finishCompleted(output, model, machine, before, terminal);
      }
      const found = await trainOn(machine, model, dataset, calibration, origin, flags, terminal);
      const deployed = found.training.accepted ? quantize(found.graph, roundTripEncodings(found)) : initial;
      const exported = await writeQuantized(output, model, deployed);
      const after = await evaluate(deployed);
      const written = { file: exported.path, graph: deployed };
      const inputs = { machine, model, written, name: exported.path, dataset: evalDataset };
      const verify = await verifyWritten(verifier, inputs, terminal);
      const fields = {
        training: { ...trainingJson(found.training), seconds: found.seconds },
        evaluation_before: evaluationJson(before),
        evaluation: evaluationJson(after),
        ...(verify.json && { verify: verify.json }),
      };
      const report = await addToReport(output, fields);
      // Last of all: until quant_info.json is replaced, an interrupted run can resume from the calibration it started from.
      const saved = await saveTrained(output, model, found);
      await removeTrainingCheckpoint(output, model.stem);
      const files = [...saved, exported, report];
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

/** Finishes a resumed run that was interrupted after its results were in place. */
async function finishCompleted(
  output: string,
  model: Model,
  machine: Machine,
  evaluation: Evaluation,
  terminal: Terminal,
): Promise<Outcome> {
  terminal.note(
    "Training was already complete: its results are in place; leave out --resume to train further",
  );
  await removeTrainingCheckpoint(output, model.stem);
  const paths = [join(output, quantInfoFile), join(output, `${model.stem}_int.onnx`)];
  return {
    json: { device: machine.description, evaluation: evaluationJson(evaluation), outputs: paths },
    text: evaluationText(evaluation),
  };
}

/** The encodings as quant_info.json will hold them. */
function roundTripEncodings(found: Found): Encodings {
  return parseQuantInfo(JSON.stringify(quantInfoOf(found, "", "", found.marks))).encodings;
}

/** Makes sure that quant_info.json exists; calibrates if it does not, or if quantization options are given. */
async function ensureCalibration(
  machine: Machine,
  model: Model,
  dataset: Dataset,
  flags: Flags,
  terminal: Terminal,
): Promise<void> {
  const { output, resume, fastFinetune } = flags;
  const path = join(output, quantInfoFile);
  const givesOptions = Object.keys(givenOptions(flags)).length > 0 || fastFinetune !== undefined ||
    (flags.config ?? flags.configFile) !== undefined;
  if (existsSync(path) && (resume || !givesOptions)) {
    terminal.note(`Training starts from ${path}`);
    return;
  }
  const config = await resolveConfig(flags, model, terminal);
  const finetuneFlags = { ...flags, resume: resume && fastFinetune !== undefined };
  const calibration = await calibrateModel(machine, model, dataset, finetuneFlags, config, terminal);
  await writeCalibration(output, model, provenanceOf(machine, dataset), calibration, config);
}

type Found = Trained & { readonly marks: Marks; readonly seconds: number };

async function originOf(
  machine: Machine,
  model: Model,
  dataset: Dataset,
  { graph, encodings }: SavedCalibration,
  flags: Flags,
): Promise<TrainingOrigin> {
  return {
    version: version(),
    network: textDigest([networkDigest(graph, encodings), await modelDigest(model.path, model.graph)].join()),
    samples: textDigest(
      [...dataset.identity(), `labels ${dataset.labelled} ${flags.labels ?? ""}`].join("\n"),
    ),
    options: textDigest(JSON.stringify(trainSettings(flags))),
    device: machine.description,
  };
}

/** Digest of everything but the network. quant_info.json keeps it to tell which training it is the result of. */
function courseDigest({ network: _, ...course }: TrainingOrigin): string {
  return textDigest(JSON.stringify(course));
}

async function trainOn(
  machine: Machine,
  model: Model,
  dataset: Dataset,
  { graph, encodings, marks }: SavedCalibration,
  origin: TrainingOrigin,
  flags: Flags,
  terminal: Terminal,
): Promise<Found> {
  const { train } = await library();
  const options: Partial<TrainOptions> = trainSettings(flags);
  const { begin, keep } = await openTrainingCheckpoint(
    flags.output,
    model.stem,
    origin,
    flags.resume,
    terminal,
  );
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
    adviseResume(0, "step");
    progress.finish();
  }
}

/** Writes the trained float model and quant_info.json; nothing if training improved nothing. */
async function saveTrained(folder: string, model: Model, found: Found): Promise<WrittenFile[]> {
  if (!found.training.accepted) return [];
  const saved = await saveFloatModel(folder, `${model.stem}_trained.onnx`, found.graph);
  const marks: Marks = { ...found.marks, trained: true, ...saved.marks };
  const body = quantInfoOf(found, version(), graphDigest(model.graph), marks);
  return [saved.written, await writeJson(folder, quantInfoFile, body)];
}

/** Adds fields to the report.json that calibration wrote. */
async function addToReport(folder: string, fields: Record<string, unknown>): Promise<WrittenFile> {
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
  const samples = heldOut > 0 ? `${counted(heldOut, "image")} held out` : "the images it was trained on";
  const losses = `loss ${significant(before)} before, ${significant(after)} after, on ${samples}`;
  return table([
    ["Model", file],
    ["Device", deviceText(description, software)],
    ["Images", `${images < count ? `${images} of ${count}` : images}${labelled ? ", with labels" : ""}`],
    ["Training", `${counted(steps, "step")} in ${secondsText(seconds)}`],
    ["Result", accepted ? losses : `${losses}: no step improved it, nothing was changed`],
    ...notes.map((note) => ["Warning", note]),
    ...left.map(({ name, why }) => [`  layer "${name}" unchanged`, why]),
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
