// halftone eval: runs the float and the quantized model on data and compares them.
import type { Dataset } from "../src/dataset/mod.ts";
import type { Graph } from "../src/graph/graph.ts";
import type { Evaluation } from "../src/mod.ts";
import type { Machine } from "../src/plan/machine.ts";
import { evaluationJson } from "../src/report/json.ts";
import { counted, decibelText, percentText, significant } from "../src/report/number.ts";
import type { Command } from "./command.ts";
import { quantizedFrom } from "./export.ts";
import { library, type Model, noteSkipped, openData, openModel, withMachine } from "./open.ts";
import {
  type DataFlags,
  dataOptions,
  type EvaluationFlags,
  fakeQuantOption,
  type ModelFlags,
  modelOptions,
  quantizedOption,
  type SharedFlags,
} from "./options.ts";
import { filesText, requireWritable, writeJson, type Written } from "./output.ts";
import { type Cell, table } from "./table.ts";
import type { Terminal } from "./terminal.ts";

type Flags = SharedFlags & ModelFlags & DataFlags & EvaluationFlags & { readonly quantized?: string };

export const evaluation: Command<Flags> = {
  summary: "compare the quantized model with the float model on data",
  options: [
    ...modelOptions,
    quantizedOption,
    ...dataOptions,
    fakeQuantOption,
  ],
  async run(flags, terminal) {
    await requireWritable(flags.output);
    const model = await openModel(flags.model);
    const quantized = flags.quantized === undefined
      ? await quantizedFrom(flags.output, model)
      : (await openModel(flags.quantized)).graph;
    const dataset = await openData(model, flags);
    return withMachine(flags, terminal, async (machine) => {
      const found = await evaluateOn(machine, model, quantized, dataset, flags, terminal);
      noteSkipped(dataset, terminal);
      const file = await writeEvaluation(flags.output, found, dataset);
      return {
        json: { ...evaluatedJson(found, dataset), outputs: [file.path] },
        text: `${evaluationText(found)}\n\n${filesText([file])}`,
      };
    });
  },
};

export async function evaluateOn(
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

export function writeEvaluation(folder: string, found: Evaluation, dataset: Dataset): Promise<Written> {
  return writeJson(folder, "eval.json", evaluatedJson(found, dataset));
}

/** How samples were fed is told where it is not one axis 0 for all. */
function evaluatedJson(found: Evaluation, dataset: Dataset): Record<string, unknown> {
  const { batchSize, batchAxes, chain } = dataset;
  const isFront = batchAxes.size === dataset.shapes.size &&
    [...batchAxes.values()].every((axis) => axis === 0);
  return {
    ...evaluationJson(found),
    ...(!isFront && { batch_size: batchSize, batch_axes: Object.fromEntries(batchAxes) }),
    ...(chain.size > 0 && { chain: Object.fromEntries(chain) }),
    skipped: dataset.skipped(),
  };
}

export function evaluationText(found: Evaluation): string {
  const { float, quantized } = found;
  const right = (text: string): Cell => ({ right: text });
  const row = (name: string, pick: "top1" | "top5") => [
    name,
    right(float ? percentText(float[pick]) : ""),
    right(quantized ? percentText(quantized[pick]) : ""),
  ];
  const accuracy = float && quantized
    ? [["", right("float"), right("quantized")], row("Top-1", "top1"), row("Top-5", "top5"), []]
    : [];
  const several = found.outputs.length > 1 ? found.outputs : [];
  return table([
    ...accuracy,
    ["Same first answer", right(""), right(percentText(found.agreement * 100))],
    ["Output SQNR", right(""), right(decibelText(found.outputSqnrDb))],
    ...several.map(({ name, sqnrDb }) => [`  ${name}`, right(""), right(decibelText(sqnrDb))]),
    ["Difference of logits", right(""), right(significant(found.logitsDifference))],
  ]) +
    [
      `\n\nOn ${counted(found.images, "image")}, ${found.mode}, ${found.device}`,
      ...modeNotes(found),
      ...found.notes,
    ].join("\n");
}

/** Why the model ran in float, or which of its nodes did. */
function modeNotes({ mode, modeReason, leftInFloat }: Evaluation): string[] {
  if (modeReason) return [`Mode ${mode}: ${modeReason}`];
  if (leftInFloat.length === 0) return [];
  const shown = leftInFloat.slice(0, 5).map(({ name, type, why }) => `  ${type} "${name}": ${why}`);
  const more = leftInFloat.length - shown.length;
  return [
    `${counted(leftInFloat.length, "node")} between codes in float:`,
    ...shown,
    ...more > 0 ? [`  and ${more} more, in eval.json`] : [],
  ];
}
