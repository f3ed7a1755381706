// Writing a quantized model and verifying it.
import { join } from "node:path";
import { UnsupportedError } from "../../src/error.ts";
import type { Graph } from "../../src/graph/graph.ts";
import type { Encodings, Written as WrittenModel } from "../../src/mod.ts";
import {
  type ExportForm,
  type ExportFormRow,
  exportFormRow,
  exportFormRows,
  fileNameOf,
} from "../../src/quantize/forms/all.ts";
import { bytesText, significant } from "../../src/report/number.ts";
import { library, type Model, withMachine } from "../open.ts";
import type { SharedFlags } from "../options/shared.ts";
import type { WrittenFile } from "../output.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { readCalibration } from "./encodings.ts";
import { type Verifier, type VerifyResult, verifyWritten, withoutVerification } from "./verify.ts";

export async function writeQuantized(folder: string, model: Model, graph: Graph): Promise<WrittenFile> {
  return (await writeForm(folder, model, graph, "qdq")).file;
}

export type WrittenForm = {
  readonly file: WrittenFile;
  /** What halftone evaluates: the graph before it is written in a form that changes no number. */
  readonly evaluated: Graph;
};

/** Writes the form that is made from this graph, with the name that the form has. */
export async function writeForm(
  folder: string,
  model: Model,
  graph: Graph,
  form: ExportForm,
): Promise<WrittenForm> {
  const { exportAs, save, saveAs } = await library();
  const path = join(folder, fileNameOf(form, model.stem));
  const { of, file } = exportFormRow(form);
  if (of === "quantized" || file) return { file: await saveAs(form, graph, path), evaluated: graph };
  const evaluated = exportAs(form, graph);
  return { file: await save(evaluated, path), evaluated };
}

/** The forms that `--deploy` writes beside the ONNX file. */
const deployedForms = exportFormRows.filter(({ file }: ExportFormRow) => file?.deployed).map(({ name }) =>
  name
);

/** Writes every deployed form. `warnings`: why a form is missing, if the quantization does not allow it. */
export async function writeDeployedForms(
  folder: string,
  model: Model,
  graph: Graph,
): Promise<{ readonly files: readonly WrittenFile[]; readonly warnings: readonly string[] }> {
  const files: WrittenFile[] = [];
  const warnings: string[] = [];
  for (const form of deployedForms) {
    try {
      files.push((await writeForm(folder, model, graph, form)).file);
    } catch (cause) {
      if (!(cause instanceof UnsupportedError)) throw cause;
      warnings.push(`${fileNameOf(form, model.stem)} is not written: ${cause.message}`);
    }
  }
  return { files, warnings };
}

/** Verifies on one made-up sample, because export has no data. `known`: the encodings, if they have been read. */
export async function verifyExport(
  verifier: Verifier,
  model: Model,
  written: WrittenModel,
  flags: SharedFlags & { readonly output: string },
  terminal: Terminal,
  known?: Encodings,
): Promise<VerifyResult> {
  if (!verifier.runtime) return withoutVerification(verifier);
  const isFloat = written.form !== undefined && exportFormRow(written.form).of === "float";
  const encodings = isFloat ? new Map() : known ?? (await readCalibration(flags.output, model)).encodings;
  const name = String(written.file);
  return withMachine(
    flags,
    terminal,
    (machine) => verifyWritten(verifier, { machine, model, written, name, encodings }, terminal),
  );
}

export function exportFields(model: Model, file: WrittenFile): Record<string, unknown> {
  return { float_bytes: model.bytes, quantized_bytes: file.bytes };
}

export function sizeText(model: Model, file: WrittenFile): string {
  const times = significant(model.bytes / file.bytes, 3);
  return `${bytesText(model.bytes)} float, ${bytesText(file.bytes)} quantized: ${times} times smaller`;
}
