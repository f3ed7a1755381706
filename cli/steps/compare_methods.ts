// calib --method all: every method from one calibration sweep a draw, judged on the same data.
import type { Dataset } from "../../src/dataset/mod.ts";
import type { Evaluation } from "../../src/mod.ts";
import type { Machine } from "../../src/plan/machine.ts";
import { evaluationJson } from "../../src/report/json.ts";
import { decibelText, percentText } from "../../src/report/number.ts";
import type { Outcome } from "../command.ts";
import type { Settings } from "../options/configuration.ts";
import { library, type Model } from "../open.ts";
import { filesText, writeJson, writeText } from "../output.ts";
import { table } from "../terminal/table.ts";

type Work = {
  readonly machine: Machine;
  readonly model: Model;
  readonly settings: Settings;
  /** Calibration data, one set a draw. */
  readonly draws: readonly Dataset[];
  readonly judging: Dataset;
};

/** Accuracy where there are labels, else how far the outputs are apart; of several draws the medians. */
export async function compared(folder: string, work: Work): Promise<Outcome> {
  const { machine, model, settings, draws, judging } = work;
  const { compareMethods } = await library();
  const found = new Map<string, Evaluation[]>();
  for (const draw of draws) {
    for (const row of await compareMethods(model.graph, draw, judging, machine, settings.options)) {
      found.set(row.method, [...found.get(row.method) ?? [], row.evaluation]);
    }
  }
  const methods = [...found].map(([method, evaluations]) => ({ method, evaluations }));
  // Loaded late: drawing takes a third of a second to load.
  const { methodsHtml } = await import("../../src/report/methods_html.ts");
  const rows = methods.flatMap(({ method, evaluations }) =>
    evaluations.map((one, i) => ({
      method,
      ...(draws.length > 1 && { draw: i + 1 }),
      ...evaluationJson(one),
    }))
  );
  const files = [
    await writeJson(folder, "methods.json", rows),
    await writeText(folder, "methods.html", await methodsHtml(model.file, methods)),
  ];
  const text = table([
    ["Method", { right: "Top-1" }, { right: "Same answer" }, { right: "SQNR" }],
    ...methods.map(({ method, evaluations }) => [
      method,
      {
        right: evaluations[0].quantized ? percentText(median(evaluations, (one) => one.quantized!.top1)) : "",
      },
      { right: percentText(100 * median(evaluations, ({ agreement }) => agreement)) },
      { right: decibelText(median(evaluations, ({ outputSqnrDb }) => outputSqnrDb)) },
    ]),
  ]);
  const outputs = files.map(({ path }) => path);
  return { json: { methods: rows, outputs }, text: `${text}\n\n${filesText(files)}` };
}

function median(evaluations: readonly Evaluation[], pick: (one: Evaluation) => number): number {
  const sorted = evaluations.map(pick).sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}
