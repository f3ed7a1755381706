// halftone eval: runs the float and the quantized model on data and compares them.
import type { Dataset } from "../../src/dataset/mod.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { encodeModel } from "../../src/onnx/mod.ts";
import { downgradeOps } from "../../src/passes/unfuse.ts";
import { type ExportForm, fileNameOf } from "../../src/quantize/forms/all.ts";
import type { Machine } from "../../src/plan/machine.ts";
import type { Command } from "../command.ts";
import { library, type Model, noteSkipped, openData, openModel, withMachine } from "../open.ts";
import { evaluatedFormOption } from "../options/export.ts";
import { type DataFlags, dataOptions, type EvaluationFlags, fakeQuantOption } from "../options/shared.ts";
import { type ModelFlags, modelOptions, quantizedOption, type SharedFlags } from "../options/shared.ts";
import { filesText, requireWritable, writeJson } from "../output.ts";
import { readCalibration, readQuantized } from "../steps/encodings.ts";
import { evaluateModel, evaluationFields, evaluationText } from "../steps/evaluate.ts";
import {
  findVerifier,
  type Verifier,
  type VerifyFlags,
  verifyOption,
  type VerifyResult,
  verifyWritten,
  withoutVerification,
} from "../steps/verify.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { weakOutputWarnings } from "../steps/weak_outputs.ts";

type Flags = SharedFlags & ModelFlags & DataFlags & EvaluationFlags & VerifyFlags & {
  readonly quantized?: string;
  readonly form?: ExportForm;
};

export const evaluation: Command<Flags> = {
  summary: "compare the quantized model with the float model on data",
  options: [
    ...modelOptions,
    quantizedOption,
    ...dataOptions,
    fakeQuantOption,
    evaluatedFormOption,
    verifyOption,
  ],
  async run(flags, terminal) {
    await requireWritable(flags.output);
    const verifier = await findVerifier(flags, flags.form);
    const model = await openModel(flags.model);
    const calibration = flags.quantized === undefined
      ? await readCalibration(flags.output, model)
      : undefined;
    const stored = flags.quantized === undefined
      ? await readQuantized(flags.output, model)
      : (await openModel(flags.quantized)).graph;
    const { exportAs } = await library();
    const quantized = flags.form ? exportAs(flags.form, stored) : stored;
    const dataset = await openData(model, flags);
    return withMachine(flags, terminal, async (machine) => {
      const found = await evaluateModel(machine, model, quantized, dataset, flags, terminal);
      noteSkipped(dataset, terminal);
      const verify = await verifyEvaluated(verifier, { machine, model, dataset, quantized }, flags, terminal);
      const weak = await weakOutputWarnings({ calibration, evaluation: found, dataset, machine }, flags);
      const verification = { ...verify, warnings: [...weak, ...verify.warnings] };
      const evaluated = {
        ...flags.form && { form: flags.form },
        ...evaluationFields(found, dataset, verification),
      };
      const file = await writeJson(flags.output, "eval.json", evaluated);
      return {
        json: { ...evaluated, outputs: [file.path] },
        text: [
          evaluationText(found) +
          (flags.form ? `\nIn the arithmetic of ${fileNameOf(flags.form, model.stem)}` : ""),
          // The text of the verification has its own warnings.
          verification.warnings.filter((warning) => !verify.text.includes(warning))
            .map((warning) => `Warning: ${warning}`).join("\n"),
          verify.text,
          filesText([file]),
        ].filter(Boolean).join("\n\n"),
        failure: verify.failure,
      };
    });
  },
};

type Evaluated = {
  readonly machine: Machine;
  readonly model: Model;
  readonly dataset: Dataset;
  readonly quantized: Graph;
};

/** Runs the ONNX file of the evaluated graph in ONNX Runtime, if it is one. */
async function verifyEvaluated(
  verifier: Verifier,
  { quantized: graph, ...inputs }: Evaluated,
  flags: Flags,
  terminal: Terminal,
): Promise<VerifyResult> {
  if (!verifier.runtime) return withoutVerification(verifier);
  const written = { file: flags.quantized ?? encodeModel(downgradeOps(graph)), graph };
  const name = flags.quantized ?? "the quantized model";
  return await verifyWritten(verifier, { ...inputs, written, name }, terminal);
}
