// halftone quantize: calib, export and eval in one go.
import { evaluationJson } from "../../src/report/json.ts";
import type { Command } from "../command.ts";
import { noteSkipped, openData, openEvalData, openModel, withMachine } from "../open.ts";
import { resolveConfig } from "../options/configuration.ts";
import { type Weights, weightsOption } from "../options/export.ts";
import { type QuantizeFlags, quantizeOptions } from "../options/quantize.ts";
import { type DataFlags, dataOptions, type EvalDataFlags, evalDataOption } from "../options/shared.ts";
import { type EvaluationFlags, fakeQuantOption } from "../options/shared.ts";
import { type ModelFlags, modelOptions, type SharedFlags } from "../options/shared.ts";
import { type TargetFlags, targetOption, withTarget } from "../options/target.ts";
import { filesText, requireWritable } from "../output.ts";
import { calibrateModel, provenanceOf, writeReport } from "../steps/calibrate.ts";
import { readQuantized, writeEncodings } from "../steps/encodings.ts";
import { evaluateModel, evaluationText, writeEvaluation } from "../steps/evaluate.ts";
import { exportFields, sizeText, writeQuantized } from "../steps/export.ts";
import { findVerifier, type VerifyFlags, verifyOption, verifyWritten } from "../steps/verify.ts";
import { weakOutputWarnings } from "../steps/weak_outputs.ts";

type Flags =
  & SharedFlags
  & ModelFlags
  & DataFlags
  & EvalDataFlags
  & QuantizeFlags
  & TargetFlags
  & EvaluationFlags
  & VerifyFlags
  & { readonly weights?: Weights };

export const quantize: Command<Flags> = {
  summary: "calib, export and eval in one go",
  options: [
    ...modelOptions,
    ...dataOptions,
    evalDataOption,
    fakeQuantOption,
    verifyOption,
    ...quantizeOptions,
    targetOption,
    weightsOption,
  ],
  async run(given, terminal) {
    const flags = withTarget(given, terminal);
    await requireWritable(flags.output);
    const verifier = await findVerifier(flags);
    const model = await openModel(flags.model);
    const config = await resolveConfig(flags, model, terminal);
    // Only evaluation needs labels: with --eval-data, --labels is about that data.
    const dataset = await openData(model, flags.evalData ? { ...flags, labels: undefined } : flags);
    const evalDataset = await openEvalData(model, flags) ?? dataset;
    return withMachine(flags, terminal, async (machine) => {
      const calibration = await calibrateModel(machine, model, dataset, flags, config, terminal);
      noteSkipped(dataset, terminal);
      const encodings = await writeEncodings(flags.output, model, calibration);
      // Read back: what is evaluated and exported is what the file says.
      const quantized = await readQuantized(flags.output, model, flags.weights);
      const exported = await writeQuantized(flags.output, model, quantized);
      const evaluation = await evaluateModel(machine, model, quantized, evalDataset, flags, terminal);
      if (evalDataset !== dataset) noteSkipped(evalDataset, terminal);
      const written = { file: exported.path, graph: quantized };
      const inputs = { machine, model, written, name: exported.path, dataset };
      const verify = await verifyWritten(verifier, inputs, terminal);
      const weak = await weakOutputWarnings(
        { calibration, evaluation, dataset: evalDataset, machine },
        flags,
      );
      const warnings = [...weak, ...verify.warnings];
      const evalFile = await writeEvaluation(flags.output, evaluation, evalDataset, { ...verify, warnings });
      const report = await writeReport(
        flags.output,
        model,
        provenanceOf(machine, dataset),
        { ...calibration, warnings: [...calibration.warnings, ...warnings] },
        config,
        {
          exported: { file: `${model.stem}_int.onnx`, bytes: exported.bytes },
          evaluation,
          ...(verify.json && { verify: verify.json }),
        },
      );
      const files = [...encodings, exported, evalFile, ...report.files];
      return {
        json: {
          ...report.fields,
          ...exportFields(model, exported),
          evaluation: evaluationJson(evaluation),
          ...(verify.json && { verify: verify.json }),
          outputs: files.map(({ path }) => path),
        },
        text: [
          report.text,
          evaluationText(evaluation),
          verify.text,
          sizeText(model, exported),
          filesText(files),
        ].filter(Boolean).join("\n\n"),
        next: `Next: open ${files.at(-1)!.path} in a browser, or run ${exported.path} with ONNX Runtime`,
        failure: verify.failure,
      };
    });
  },
};
