// halftone export: writes the deployable model from the float model and its encodings.
import { ConfigError } from "../../src/error.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { type ExportForm, exportFormRow } from "../../src/quantize/forms/all.ts";
import type { Command } from "../command.ts";
import { library, type Model, openModel } from "../open.ts";
import { type ExportFlags, exportOptions } from "../options/export.ts";
import { type ModelFlags, modelOptions, type SharedFlags } from "../options/shared.ts";
import { filesText, requireWritable, shellWord } from "../output.ts";
import { readQuantized } from "../steps/encodings.ts";
import { exportFields, sizeText, verifyExport, writeForm } from "../steps/export.ts";
import { findVerifier, type VerifyFlags, verifyOption } from "../steps/verify.ts";

type Flags = SharedFlags & ModelFlags & ExportFlags & VerifyFlags;

export const exporting: Command<Flags> = {
  summary: "write the quantized model from the float model and its quant_info.json, in the form of a runtime",
  options: [...modelOptions, ...exportOptions, verifyOption],
  async run(flags, terminal) {
    await requireWritable(flags.output);
    const form = formOf(flags);
    const verifier = await findVerifier(flags, form);
    const model = await openModel(flags.model);
    const { exportWarnings } = await library();
    const losses = exportWarnings(form, model.graph);
    const graph = await graphOf(flags, model, form);
    const { file, evaluated } = await writeForm(flags.output, model, graph, form);
    const written = { file: file.path, graph: evaluated, form };
    const verify = await verifyExport(verifier, model, written, flags, terminal);
    const warnings = [...losses, ...verify.warnings];
    return {
      json: {
        ...exportFields(model, file),
        form: flags.form ?? "qdq",
        ...(verify.json && { verify: verify.json }),
        ...(warnings.length > 0 ? { warnings } : {}),
        outputs: [file.path],
      },
      text: [
        ...losses.map((warning) => `Warning: ${warning}`),
        verify.text,
        sizeText(model, file),
        filesText([file]),
      ].filter(Boolean).join("\n\n"),
      next: nextStep(flags, form, file.path),
      failure: verify.failure,
    };
  },
};

/** Refuses options that the form does not have. */
function formOf({ form = "qdq", weights = "packed", int4, torchscriptOps }: Flags): ExportForm {
  if (torchscriptOps && form !== "torchscript") {
    throw new ConfigError(
      `Cannot export ${form} with --torchscript-ops: expected --form torchscript with it`,
    );
  }
  if (torchscriptOps === "vai") return "torchscript-vai";
  if (!exportFormRow(form).storesWeights && (weights === "qdq" || int4)) {
    throw new ConfigError(
      `Cannot export ${form} with --weights qdq or --int4: expected --form qdq with these`,
    );
  }
  if (weights === "qdq" && int4) {
    throw new ConfigError("Cannot store 4-bit codes with --weights qdq: expected --int4 or --weights qdq");
  }
  return int4 ? "int4" : form;
}

/** The graph that the form is made from. */
async function graphOf(
  { output, weights = "packed" }: Flags,
  model: Model,
  form: ExportForm,
): Promise<Graph> {
  const { of, storesWeights } = exportFormRow(form);
  return of === "float" ? model.graph : await readQuantized(output, model, storesWeights ? weights : "codes");
}

function nextStep(flags: Flags, form: ExportForm, path: string): string | undefined {
  const { of, file, storesWeights } = exportFormRow(form);
  if (file) return undefined;
  const paths = `--model ${shellWord(flags.model)} --quantized ${shellWord(path)}`;
  const compare = of === "quantized" && storesWeights
    ? `, or compare it with the float model: "halftone eval ${paths} --data PATH"`
    : "";
  return `Next: run it with ONNX Runtime${compare}`;
}
