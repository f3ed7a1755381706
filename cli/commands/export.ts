// halftone export: writes the deployable model from the float model and its encodings.
import { join } from "node:path";
import { ConfigError } from "../../src/error.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { type ExportForm, exportFormRow } from "../../src/quantize/forms/all.ts";
import type { Command } from "../command.ts";
import { library, type Model, openModel } from "../open.ts";
import { type ExportFlags, exportOptions } from "../options/export.ts";
import { type ModelFlags, modelOptions, type SharedFlags } from "../options/shared.ts";
import { filesText, requireWritable, shellWord } from "../output.ts";
import { readQuantized } from "../steps/encodings.ts";
import { exportFields, sizeText, verifyExport } from "../steps/export.ts";
import { findVerifier, type VerifyFlags, verifyOption } from "../steps/verify.ts";

type Flags = SharedFlags & ModelFlags & ExportFlags & VerifyFlags;

export const exporting: Command<Flags> = {
  summary: "write the quantized ONNX model from the model and its quant_info.json",
  options: [...modelOptions, ...exportOptions, verifyOption],
  async run(flags, terminal) {
    await requireWritable(flags.output);
    const verifier = await findVerifier(flags);
    const model = await openModel(flags.model);
    const { graph, suffix, form, evaluated } = await exportGraph(flags, model);
    const { exportWarnings, save } = await library();
    const losses = exportWarnings(form, model.graph);
    const file = await save(graph, join(flags.output, `${model.stem}_${suffix}.onnx`));
    const written = { file: file.path, graph: evaluated, form };
    const verify = await verifyExport(verifier, model, written, flags, terminal);
    const warnings = [...losses, ...verify.warnings];
    const paths = `--model ${shellWord(flags.model)} --quantized ${shellWord(file.path)}`;
    const compare = suffix === "int"
      ? `, or compare it with the float model: "halftone eval ${paths} --data PATH"`
      : "";
    return {
      json: {
        ...exportFields(model, file),
        form,
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
      next: `Next: run it with ONNX Runtime${compare}`,
      failure: verify.failure,
    };
  },
};

type ExportResult = {
  readonly graph: Graph;
  /** Of the file's name. */
  readonly suffix: string;
  readonly form: ExportForm;
  /** What halftone evaluates: the graph before it is written in a form that changes no number. */
  readonly evaluated: Graph;
};

async function exportGraph(flags: Flags, model: Model): Promise<ExportResult> {
  const { form = "qdq", weights = "packed", int4 } = flags;
  const { of, suffix = form, storesWeights } = exportFormRow(form);
  if (!storesWeights && (weights === "qdq" || int4)) {
    throw new ConfigError(
      `Cannot export ${form} with --weights qdq or --int4: expected --form qdq with these`,
    );
  }
  if (weights === "qdq" && int4) {
    throw new ConfigError("Cannot store 4-bit codes with --weights qdq: expected --int4 or --weights qdq");
  }
  const { exportAs } = await library();
  if (of === "float") {
    const graph = exportAs(form, model.graph);
    return { graph, suffix, form, evaluated: graph };
  }
  const evaluated = await readQuantized(flags.output, model, storesWeights ? weights : "codes");
  return { graph: exportAs(int4 ? "int4" : form, evaluated), suffix, form, evaluated };
}
