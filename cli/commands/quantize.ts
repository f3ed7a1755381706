// halftone quantize: calib, export and eval in one go.
import type { Calibration } from "../../src/mod.ts";
import { evaluationJson } from "../../src/report/json.ts";
import {
  calibrateOn,
  calibrationFields,
  calibrationText,
  reportOf,
  seenBy,
  writeEncodings,
  writeReport,
} from "./calib.ts";
import { settingsOf } from "../options/configuration.ts";
import type { Command } from "../command.ts";
import { evaluateOn, evaluationText, writeEvaluation } from "./eval.ts";
import {
  exportFields,
  quantizedFrom,
  sizeText,
  type Weights,
  weightsOption,
  writeQuantized,
} from "./export.ts";
import { noteSkipped, openData, openModel, withMachine } from "../open.ts";
import {
  type DataFlags,
  dataOptions,
  evalDataOption,
  type EvaluationFlags,
  fakeQuantOption,
  type ModelFlags,
  modelOptions,
  type SharedFlags,
} from "../options/shared.ts";
import { type QuantizeFlags, quantizeOptions } from "../options/quantize.ts";
import { filesText, requireWritable } from "../output.ts";
import { verified, type VerifyFlags, verifyingBy, verifyOption } from "../steps/verify.ts";
import { weakWarnings } from "../steps/weak_outputs.ts";

type Flags = SharedFlags & ModelFlags & DataFlags & QuantizeFlags & EvaluationFlags & VerifyFlags & {
  readonly evalData?: readonly string[];
  readonly weights?: Weights;
};

export const quantize: Command<Flags> = {
  summary: "calib, export and eval in one go",
  options: [
    ...modelOptions,
    ...dataOptions,
    evalDataOption,
    fakeQuantOption,
    verifyOption,
    ...quantizeOptions,
    weightsOption,
  ],
  async run(flags, terminal) {
    const { output } = flags;
    await requireWritable(output);
    const verifying = await verifyingBy(flags);
    const model = await openModel(flags.model);
    const settings = await settingsOf(flags, model, terminal);
    // Only the evaluation needs labels: beside --eval-data, --labels belongs to that.
    const dataset = await openData(model, flags.evalData ? { ...flags, labels: undefined } : flags);
    const { evalData } = flags;
    const evalDataset = evalData
      ? await openData(model, { ...flags, subsetLen: undefined }, evalData)
      : dataset;
    return withMachine(flags, terminal, async (machine) => {
      const calibration = await calibrateOn(machine, model, dataset, flags, settings, terminal);
      noteSkipped(dataset, terminal);
      const encodings = await writeEncodings(output, model, calibration);
      // Read back from the file: what is evaluated and exported is what the file says.
      const quantized = await quantizedFrom(output, model, flags.weights);
      const exported = await writeQuantized(output, model, quantized);
      const found = await evaluateOn(machine, model, quantized, evalDataset, flags, terminal);
      if (evalDataset !== dataset) noteSkipped(evalDataset, terminal);
      const small = { file: `${model.stem}_int.onnx`, bytes: exported.bytes };
      const written = { file: exported.path, graph: quantized };
      const named = exported.path;
      const verify = await verified(verifying, { machine, model, written, named, dataset }, terminal);
      const judged = { quantized: calibration, found, dataset: evalDataset, machine };
      const warnings = [...await weakWarnings(judged, flags), ...verify.warnings];
      const report = {
        ...reportOf(model, seenBy(machine, dataset), warnedBy(calibration, warnings), settings, small, found),
        ...(verify.json && { verify: verify.json }),
      };
      const evaluated = await writeEvaluation(output, found, evalDataset, { ...verify, warnings });
      const files = [...encodings, exported, evaluated, ...await writeReport(output, report)];
      return {
        json: {
          ...calibrationFields(report),
          ...exportFields(model, exported),
          evaluation: evaluationJson(found),
          ...(verify.json && { verify: verify.json }),
          outputs: files.map(({ path }) => path),
        },
        text: [
          calibrationText(report),
          evaluationText(found),
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

function warnedBy(calibration: Calibration, warnings: readonly string[]): Calibration {
  return { ...calibration, warnings: [...calibration.warnings, ...warnings] };
}
