// halftone eval: runs the float and the quantized model on data and compares them.
import type { Dataset } from "../../src/dataset/mod.ts";
import type { Graph } from "../../src/graph/graph.ts";
import type { Evaluation } from "../../src/mod.ts";
import type { Machine } from "../../src/plan/machine.ts";
import { encodeModel } from "../../src/onnx/mod.ts";
import { spellOut } from "../../src/passes/unfuse.ts";
import { evaluationJson } from "../../src/report/json.ts";
import { counted, decibelText, percentText, significant } from "../../src/report/number.ts";
import type { Command } from "../command.ts";
import { begunFrom, quantizedFrom } from "./export.ts";
import { library, type Model, noteSkipped, openData, openModel, withMachine } from "../open.ts";
import {
  type DataFlags,
  dataOptions,
  type EvaluationFlags,
  fakeQuantOption,
  type ModelFlags,
  modelOptions,
  quantizedOption,
  type SharedFlags,
} from "../options/shared.ts";
import { filesText, requireWritable, writeJson, type Written } from "../output.ts";
import { type Cell, table } from "../terminal/table.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { type Verified, verified, type VerifyFlags, verifyingBy, verifyOption } from "../steps/verify.ts";
import { weakWarnings } from "../steps/weak_outputs.ts";

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
    const verifying = await verifyingBy(flags);
    const model = await openModel(flags.model);
    const begun = flags.quantized === undefined ? await begunFrom(flags.output, model) : undefined;
    const quantized = flags.quantized === undefined
      ? await quantizedFrom(flags.output, model)
      : (await openModel(flags.quantized)).graph;
    const dataset = await openData(model, flags);
    return withMachine(flags, terminal, async (machine) => {
      const found = await evaluateOn(machine, model, quantized, dataset, flags, terminal);
      noteSkipped(dataset, terminal);
      const written = { file: flags.quantized ?? encodeModel(spellOut(quantized)), graph: quantized };
      const named = flags.quantized ?? "the quantized model";
      const verify = await verified(verifying, { machine, model, written, named, dataset }, terminal);
      const judged = { quantized: begun, found, dataset, machine };
      const warnings = [...await weakWarnings(judged, flags), ...verify.warnings];
      const told = { ...verify, warnings };
      const file = await writeEvaluation(flags.output, found, dataset, told);
      return {
        json: { ...evaluatedJson(found, dataset, told), outputs: [file.path] },
        text: [evaluationText(found), warningsText(warnings, verify), verify.text, filesText([file])]
          .filter(Boolean).join("\n\n"),
        failure: verify.failure,
      };
    });
  },
};

/** Those that the verification's own text does not say. */
function warningsText(warnings: readonly string[], { text }: Verified): string {
  return warnings.filter((warning) => !text.includes(warning)).map((warning) => `Warning: ${warning}`).join(
    "\n",
  );
}

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

export function writeEvaluation(
  folder: string,
  found: Evaluation,
  dataset: Dataset,
  verify?: Verified,
): Promise<Written> {
  return writeJson(folder, "eval.json", evaluatedJson(found, dataset, verify));
}

/** How samples were fed is told where it is not one axis 0 for all. */
function evaluatedJson(
  found: Evaluation,
  dataset: Dataset,
  { json, warnings = [] }: Partial<Verified> = {},
): Record<string, unknown> {
  const { batchSize, batchAxes, chain } = dataset;
  const isFront = batchAxes.size === dataset.shapes.size &&
    [...batchAxes.values()].every((axis) => axis === 0);
  return {
    ...evaluationJson(found),
    ...(!isFront && { batch_size: batchSize, batch_axes: Object.fromEntries(batchAxes) }),
    ...(chain.size > 0 && { chain: Object.fromEntries(chain) }),
    ...(json && { verify: json }),
    ...(warnings.length > 0 && { warnings }),
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
