// Evaluation of the quantized model against the float one, and the file and text that report it.
import type { Dataset } from "../../src/dataset/mod.ts";
import type { Graph } from "../../src/graph/graph.ts";
import type { Evaluation } from "../../src/mod.ts";
import type { Machine } from "../../src/plan/machine.ts";
import { evaluationJson } from "../../src/report/json.ts";
import { countText, decibelText, percentText, significant } from "../../src/report/number.ts";
import { library, type Model } from "../open.ts";
import type { EvaluationFlags } from "../options/shared.ts";
import { writeJson, type WrittenFile } from "../output.ts";
import { type Cell, table } from "../terminal/table.ts";
import type { Terminal } from "../terminal/terminal.ts";
import type { VerifyResult } from "./verify.ts";

export async function evaluateModel(
  machine: Machine,
  model: Model,
  quantized: Graph,
  dataset: Dataset,
  { fakeQuant }: EvaluationFlags,
  terminal: Terminal,
): Promise<Evaluation> {
  const { evaluate } = await library();
  const mode = fakeQuant ? "fake-quant" : "int8";
  const progress = terminal.progress("Evaluating");
  try {
    return await evaluate(model.graph, quantized, dataset, machine, progress.update, mode);
  } finally {
    progress.finish();
  }
}

export function writeEvaluation(
  folder: string,
  evaluation: Evaluation,
  dataset: Dataset,
  verification?: VerifyResult,
): Promise<WrittenFile> {
  return writeJson(folder, "eval.json", evaluationFields(evaluation, dataset, verification));
}

/** Batch axes are listed unless every input is batched along axis 0. */
export function evaluationFields(
  evaluation: Evaluation,
  dataset: Dataset,
  { json, warnings = [] }: Partial<VerifyResult> = {},
): Record<string, unknown> {
  const { batchSize, batchAxes, chain } = dataset;
  const isFront = batchAxes.size === dataset.shapes.size &&
    [...batchAxes.values()].every((axis) => axis === 0);
  return {
    ...evaluationJson(evaluation),
    ...(!isFront && { batch_size: batchSize, batch_axes: Object.fromEntries(batchAxes) }),
    ...(chain.size > 0 && { chain: Object.fromEntries(chain) }),
    ...(json && { verify: json }),
    ...(warnings.length > 0 && { warnings }),
    skipped: dataset.skipped(),
  };
}

export function evaluationText(evaluation: Evaluation): string {
  const { float, quantized, outputs, images, mode, device } = evaluation;
  const right = (text: string): Cell => ({ right: text });
  const row = (name: string, pick: "top1" | "top5") => [
    name,
    right(float ? percentText(float[pick]) : ""),
    right(quantized ? percentText(quantized[pick]) : ""),
  ];
  const accuracy = float && quantized
    ? [["", right("float"), right("quantized")], row("Top-1", "top1"), row("Top-5", "top5"), []]
    : [];
  const eachOutput = outputs.length > 1 ? outputs : [];
  return table([
    ...accuracy,
    ["Same first answer", right(""), right(percentText(evaluation.agreement * 100))],
    ["Output SQNR", right(""), right(decibelText(evaluation.outputSqnrDb))],
    ...eachOutput.map(({ name, sqnrDb }) => [`  ${name}`, right(""), right(decibelText(sqnrDb))]),
    ["Logits difference", right(""), right(significant(evaluation.logitsDifference))],
  ]) +
    [
      `\n\nOn ${countText(images, "image")}, ${mode}, ${device}`,
      ...modeNotes(evaluation),
      ...evaluation.notes,
    ].join("\n");
}

/** Why the model ran in float, or which of its nodes did. */
function modeNotes({ mode, modeReason, leftInFloat }: Evaluation): string[] {
  if (modeReason) return [`Mode ${mode}: ${modeReason}`];
  if (leftInFloat.length === 0) return [];
  const shown = leftInFloat.slice(0, 5).map(({ name, type, why }) => `  ${type} "${name}": ${why}`);
  const more = leftInFloat.length - shown.length;
  return [
    `${countText(leftInFloat.length, "node")} between quantized nodes ran in float:`,
    ...shown,
    ...more > 0 ? [`  and ${more} more, in eval.json`] : [],
  ];
}
