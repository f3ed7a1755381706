// Writing a quantized model and verifying it.
import { join } from "node:path";
import type { Graph } from "../../src/graph/graph.ts";
import type { Written as WrittenModel } from "../../src/mod.ts";
import { exportFormRow } from "../../src/quantize/forms/all.ts";
import { bytesText, significant } from "../../src/report/number.ts";
import { library, type Model, withMachine } from "../open.ts";
import type { SharedFlags } from "../options/shared.ts";
import type { WrittenFile } from "../output.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { readCalibration } from "./encodings.ts";
import { type Verifier, type VerifyResult, verifyWritten, withoutVerification } from "./verify.ts";

export async function writeQuantized(folder: string, model: Model, graph: Graph): Promise<WrittenFile> {
  const { save } = await library();
  return save(graph, join(folder, `${model.stem}_int.onnx`));
}

/** Verifies on one made-up sample, because export has no data. */
export async function verifyExport(
  verifier: Verifier,
  model: Model,
  written: WrittenModel,
  flags: SharedFlags & { readonly output: string },
  terminal: Terminal,
): Promise<VerifyResult> {
  if (!verifier.runtime) return withoutVerification(verifier);
  const isFloat = written.form !== undefined && exportFormRow(written.form).of === "float";
  const { encodings } = isFloat ? { encodings: new Map() } : await readCalibration(flags.output, model);
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
