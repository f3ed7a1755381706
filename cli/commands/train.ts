// halftone train: quantization-aware training, from the calibration in --output or from a new one.
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Dataset } from "../../src/dataset/mod.ts";
import { ConfigError } from "../../src/error.ts";
import type { Evaluation, Graph } from "../../src/mod.ts";
import type { Machine } from "../../src/plan/machine.ts";
import { evaluationJson, trainingJson } from "../../src/report/json.ts";
import type { Command, Outcome } from "../command.ts";
import { library, type Model, noteSkipped, openData, openEvalData, openModel, withMachine } from "../open.ts";
import { resolveConfig } from "../options/configuration.ts";
import { givenOptions, type QuantizeFlags } from "../options/quantize.ts";
import { type DataFlags, type EvalDataFlags, evalDataOption } from "../options/shared.ts";
import { type ModelFlags, modelOptions, type SharedFlags } from "../options/shared.ts";
import { type TrainFlags, trainOptions } from "../options/train.ts";
import { filesText, requireWritable, shellWord, writeJson, type WrittenFile } from "../output.ts";
import { calibrateModel, provenanceOf, writeCalibration } from "../steps/calibrate.ts";
import { quantInfoFile, readCalibration } from "../steps/encodings.ts";
import { evaluateModel, evaluationText } from "../steps/evaluate.ts";
import { writeQuantized } from "../steps/export.ts";
import { accuracyText, trainingText } from "../steps/train.ts";
import { isResultOf, quantizeTrained, saveTrained, trainingOrigin, trainModel } from "../steps/train.ts";
import { removeTrainingCheckpoint } from "../steps/training_checkpoint.ts";
import { findVerifier, type VerifyFlags, verifyOption, verifyWritten } from "../steps/verify.ts";
import type { Terminal } from "../terminal/terminal.ts";

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
      const origin = await trainingOrigin(machine, model, dataset, calibration, flags);
      const { quantize } = await library();
      const evaluate = (quantized: Graph) =>
        evaluateModel(machine, model, quantized, evalDataset, {}, terminal);
      const initial = quantize(calibration.graph, calibration.encodings);
      const before = await evaluate(initial);
      if (flags.resume && isResultOf(origin, calibration)) {
        return finishCompleted(output, model, machine, before, terminal);
      }
      const found = await trainModel(machine, model, dataset, calibration, origin, flags, terminal);
      const deployed = found.training.accepted ? await quantizeTrained(found) : initial;
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
      // Last of all: until quant_info.json is replaced, an interrupted run can resume from the calibration it started
      // from.
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
