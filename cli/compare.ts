// calib --method all: every method from one calibration sweep, judged on the same data.
import type { Dataset } from "../src/dataset/mod.ts";
import type { Machine } from "../src/plan/machine.ts";
import { evaluationJson } from "../src/report/json.ts";
import { decibelText, percentText } from "../src/report/number.ts";
import type { Outcome } from "./command.ts";
import type { Settings } from "./configuration.ts";
import { library, type Model } from "./open.ts";
import { filesText, writeJson } from "./output.ts";
import { table } from "./table.ts";

/** Accuracy where there are labels, else how far the outputs are apart. */
export async function compared(
  folder: string,
  { machine, model, dataset, settings }: {
    readonly machine: Machine;
    readonly model: Model;
    readonly dataset: Dataset;
    readonly settings: Settings;
  },
): Promise<Outcome> {
  const { compareMethods } = await library();
  const rows = await compareMethods(model.graph, dataset, dataset, machine, settings.options);
  const methods = rows.map(({ method, evaluation }) => ({ method, ...evaluationJson(evaluation) }));
  const file = await writeJson(folder, "methods.json", methods);
  const text = table([
    ["Method", { right: "Top-1" }, { right: "Same answer" }, { right: "SQNR" }],
    ...rows.map(({ method, evaluation: { quantized, agreement, outputSqnrDb } }) => [
      method,
      { right: quantized ? percentText(quantized.top1) : "" },
      { right: percentText(100 * agreement) },
      { right: decibelText(outputSqnrDb) },
    ]),
  ]);
  return { json: { methods, outputs: [file.path] }, text: `${text}\n\n${filesText([file])}` };
}
