// Training of a calibrated model on a device, what it writes, and the text that reports it.
import type { Dataset } from "../../src/dataset/mod.ts";
import { type Marks, parseQuantInfo, quantInfoOf } from "../../src/files/quant_info.ts";
import type { TrainingOrigin } from "../../src/files/training_checkpoint.ts";
import type { Encodings, Evaluation, Graph, Trained } from "../../src/mod.ts";
import type { Machine } from "../../src/plan/machine.ts";
import { countText, deviceText, percentText, secondsText, significant } from "../../src/report/number.ts";
import { library, type Model } from "../open.ts";
import type { DataFlags, SharedFlags } from "../options/shared.ts";
import { type TrainFlags, trainSettings } from "../options/train.ts";
import { writeJson, type WrittenFile } from "../output.ts";
import { type Cell, table } from "../terminal/table.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { version } from "../../src/storage/version.ts";
import { graphDigest, modelDigest, networkDigest, textDigest } from "./digest.ts";
import { quantInfoFile, type SavedCalibration, saveFloatModel } from "./encodings.ts";
import { adviseResume } from "./resume.ts";
import { openTrainingCheckpoint } from "./training_checkpoint.ts";

type Flags = SharedFlags & DataFlags & TrainFlags & { readonly output: string; readonly resume?: boolean };

type TrainingResult = Trained & { readonly marks: Marks; readonly seconds: number };

/** Everything that the result of training depends on. */
export async function trainingOrigin(
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

/** Whether a calibration is the result of the training with this origin. */
export function isResultOf(origin: TrainingOrigin, { marks }: SavedCalibration): boolean {
  return marks.course === courseDigest(origin);
}

/** Digest of everything but the network, which training changes. */
function courseDigest({ network: _, ...course }: TrainingOrigin): string {
  return textDigest(JSON.stringify(course));
}

export async function trainModel(
  machine: Machine,
  model: Model,
  dataset: Dataset,
  { graph, encodings, marks }: SavedCalibration,
  origin: TrainingOrigin,
  flags: Flags,
  terminal: Terminal,
): Promise<TrainingResult> {
  const { train } = await library();
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
    const found = await train(model.graph, { graph, encodings }, dataset, machine, trainSettings(flags), {
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

/** The quantized network, with its encodings as quant_info.json will hold them. */
export async function quantizeTrained(found: TrainingResult): Promise<Graph> {
  const { quantize } = await library();
  return quantize(found.graph, roundTripEncodings(found));
}

function roundTripEncodings(found: TrainingResult): Encodings {
  return parseQuantInfo(JSON.stringify(quantInfoOf(found, "", "", found.marks))).encodings;
}

/** Writes the trained float model and quant_info.json; nothing if training improved nothing. */
export async function saveTrained(
  folder: string,
  model: Model,
  found: TrainingResult,
): Promise<WrittenFile[]> {
  if (!found.training.accepted) return [];
  const saved = await saveFloatModel(folder, `${model.stem}_trained.onnx`, found.graph);
  const marks: Marks = { ...found.marks, trained: true, ...saved.marks };
  const body = quantInfoOf(found, version(), graphDigest(model.graph), marks);
  return [saved.written, await writeJson(folder, quantInfoFile, body)];
}

export function trainingText(
  { file }: Model,
  { description, software }: Machine,
  { training, seconds }: TrainingResult,
  count: number,
): string {
  const { accepted, before, after, heldOut, images, labelled, left, notes, steps } = training;
  const samples = heldOut > 0 ? `${countText(heldOut, "image")} held out` : "the images it was trained on";
  const losses = `loss ${significant(before)} before, ${significant(after)} after, on ${samples}`;
  return table([
    ["Model", file],
    ["Device", deviceText(description, software)],
    ["Images", `${images < count ? `${images} of ${count}` : images}${labelled ? ", with labels" : ""}`],
    ["Training", `${countText(steps, "step")} in ${secondsText(seconds)}`],
    ["Result", accepted ? losses : `${losses}: no step improved it, nothing was changed`],
    ...notes.map((note) => ["Warning", note]),
    ...left.map(({ name, why }) => [`  layer "${name}" unchanged`, why]),
  ]);
}

export function accuracyText(before: Evaluation, after: Evaluation): string {
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
  ]) + `\n\nOn ${countText(after.images, "image")}, ${after.mode}`;
}
