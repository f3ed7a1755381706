// What each --quant_mode does with data, and --deploy without.
import type { Dataset } from "../../src/dataset/mod.ts";
import type { Machine } from "../../src/plan/machine.ts";
import { evaluationJson } from "../../src/report/json.ts";
import { countText } from "../../src/report/number.ts";
import type { Outcome } from "../command.ts";
import { library, type Model, noteSkipped, openData, withMachine } from "../open.ts";
import type { ResolvedConfig } from "../options/configuration.ts";
import { filesText } from "../output.ts";
import { calibrateModel, provenanceOf, writeReport } from "../steps/calibrate.ts";
import { type Quantization, readQuantization, writeEncodings } from "../steps/encodings.ts";
import { evaluateModel, evaluationText, writeEvaluation } from "../steps/evaluate.ts";
import { sizeText, verifyExport, writeDeployedForms, writeQuantized } from "../steps/export.ts";
import { findVerifier } from "../steps/verify.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { accuracyLines } from "./accuracy_lines.ts";
import { largerEvaluation } from "./evaluation_file.ts";
import { deploys, type QuantFlags, type QuantMode } from "./flags.ts";

export type QuantRun = {
  readonly flags: QuantFlags;
  readonly model: Model;
  readonly terminal: Terminal;
  /** For calib. */
  readonly config?: ResolvedConfig;
  /** For test: what quant_info.json describes. */
  readonly quantization?: Quantization;
};

type OnData = QuantRun & {
  readonly data: readonly string[];
  readonly machine: Machine;
  readonly dataset: Dataset;
};

const modes: Record<QuantMode, (run: OnData) => Promise<Outcome>> = {
  float: evaluateFloat,
  calib: calibrateAndEvaluate,
  test: evaluateQuantized,
};

export async function runMode(run: QuantRun, data: readonly string[]): Promise<Outcome> {
  const { flags, model, terminal } = run;
  const dataset = await openData(model, { ...flags, data });
  return withMachine(
    flags,
    terminal,
    (machine) => modes[flags.quantMode]({ ...run, data, machine, dataset }),
  );
}

async function evaluateFloat({ machine, model, dataset, terminal }: OnData): Promise<Outcome> {
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
    text: `The float model on ${countText(images, "image")}, ${device}\n\n${accuracyLines(float)}`,
  };
}

async function calibrateAndEvaluate(
  { flags: given, machine, model, data, dataset, config, terminal }: OnData,
): Promise<Outcome> {
  const flags = { ...given, data };
  const { output } = flags;
  const calibration = await calibrateModel(machine, model, dataset, flags, config!, terminal);
  noteSkipped(dataset, terminal);
  const encodings = await writeEncodings(output, model, calibration);
  const { quantized } = dataset.labelled ? await readQuantization(output, model) : {};
  const evaluation = quantized && await evaluateModel(machine, model, quantized, dataset, {}, terminal);
  const provenance = provenanceOf(machine, dataset);
  const report = await writeReport(output, model, provenance, calibration, config!, { evaluation });
  const files = [...encodings, ...report.files];
  return {
    json: {
      quant_mode: "calib",
      ...report.fields,
      ...(evaluation && { evaluation: evaluationJson(evaluation) }),
      outputs: files.map(({ path }) => path),
    },
    text: [
      report.text,
      ...evaluation ? [evaluationText(evaluation)] : [],
      filesText(files),
      accuracyLines(evaluation?.quantized),
    ].join("\n\n"),
  };
}

async function evaluateQuantized(
  { flags, machine, model, dataset, quantization, terminal }: OnData,
): Promise<Outcome> {
  const { output } = flags;
  const evaluation = await evaluateModel(machine, model, quantization!.quantized, dataset, {}, terminal);
  noteSkipped(dataset, terminal);
  const kept = deploys(flags) ? await largerEvaluation(output, evaluation.images) : undefined;
  if (kept !== undefined) {
    terminal.note(
      `eval.json keeps the results on ${countText(kept, "image")}: this run has ${evaluation.images}`,
    );
  }
  const files = kept === undefined ? [await writeEvaluation(output, evaluation, dataset)] : [];
  return {
    json: {
      quant_mode: "test",
      ...evaluationJson(evaluation),
      skipped: dataset.skipped(),
      outputs: files.map(({ path }) => path),
    },
    text: [
      evaluationText(evaluation),
      ...files.length > 0 ? [filesText(files)] : [],
      accuracyLines(evaluation.quantized),
    ].join("\n\n"),
  };
}

/** Writes the deployable model in every form. */
export async function runDeploy({ flags, model, quantization, terminal }: QuantRun): Promise<Outcome> {
  const verifier = await findVerifier(flags);
  const { quantized: graph, encodings } = quantization!;
  const file = await writeQuantized(flags.output, model, graph);
  const verify = await verifyExport(verifier, model, { file: file.path, graph }, flags, terminal, encodings);
  const { files, warnings } = await writeDeployedForms(flags.output, model, graph);
  const all = [file, ...files];
  return {
    json: {
      quant_mode: "test",
      ...(verify.json && { verify: verify.json }),
      ...(warnings.length > 0 ? { warnings } : {}),
      outputs: all.map(({ path }) => path),
    },
    text: [
      sizeText(model, file),
      verify.text,
      ...warnings.map((warning) => `Warning: ${warning}`),
      filesText(all),
    ].filter(Boolean).join("\n\n"),
    failure: verify.failure,
  };
}
