// halftone eval: runs the float and the quantized model on data and compares them.
import { encodeModel } from "../../src/onnx/mod.ts";
import { downgradeOps } from "../../src/passes/unfuse.ts";
import type { Command } from "../command.ts";
import { noteSkipped, openData, openModel, withMachine } from "../open.ts";
import { type DataFlags, dataOptions, type EvaluationFlags, fakeQuantOption } from "../options/shared.ts";
import { type ModelFlags, modelOptions, quantizedOption, type SharedFlags } from "../options/shared.ts";
import { filesText, requireWritable } from "../output.ts";
import { readCalibration, readQuantized } from "../steps/encodings.ts";
import { evaluateModel, evaluationFields, evaluationText, writeEvaluation } from "../steps/evaluate.ts";
import { findVerifier, type VerifyFlags, verifyOption, verifyWritten } from "../steps/verify.ts";
import { weakOutputWarnings } from "../steps/weak_outputs.ts";

type Flags = SharedFlags & ModelFlags & DataFlags & EvaluationFlags & VerifyFlags & {
  readonly quantized?: string;
};

export const evaluation: Command<Flags> = {
  summary: "compare the quantized model with the float model on data",
  options: [
    ...modelOptions,
    quantizedOption,
    ...dataOptions,
    fakeQuantOption,
    verifyOption,
  ],
  async run(flags, terminal) {
    await requireWritable(flags.output);
    const verifier = await findVerifier(flags);
    const model = await openModel(flags.model);
    const calibration = flags.quantized === undefined
      ? await readCalibration(flags.output, model)
      : undefined;
    const quantized = flags.quantized === undefined
      ? await readQuantized(flags.output, model)
      : (await openModel(flags.quantized)).graph;
    const dataset = await openData(model, flags);
    return withMachine(flags, terminal, async (machine) => {
      const found = await evaluateModel(machine, model, quantized, dataset, flags, terminal);
      noteSkipped(dataset, terminal);
      const written = { file: flags.quantized ?? encodeModel(downgradeOps(quantized)), graph: quantized };
      const name = flags.quantized ?? "the quantized model";
      const verify = await verifyWritten(verifier, { machine, model, written, name, dataset }, terminal);
      const weak = await weakOutputWarnings({ calibration, evaluation: found, dataset, machine }, flags);
      const verification = { ...verify, warnings: [...weak, ...verify.warnings] };
      const file = await writeEvaluation(flags.output, found, dataset, verification);
      return {
        json: { ...evaluationFields(found, dataset, verification), outputs: [file.path] },
        text: [
          evaluationText(found),
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
