// calib --method all: calibrates once per draw, quantizes by every method and evaluates each on the same data.
import type { Dataset } from "../../src/dataset/mod.ts";
import type { Evaluation } from "../../src/mod.ts";
import type { Machine } from "../../src/plan/machine.ts";
import { evaluationJson } from "../../src/report/json.ts";
import { decibelText, percentText } from "../../src/report/number.ts";
import type { Outcome } from "../command.ts";
import { library, type Model } from "../open.ts";
import type { ResolvedConfig } from "../options/configuration.ts";
import { filesText, writeJson, writeText } from "../output.ts";
import { medianOf } from "../../src/tensor/median.ts";
import { table } from "../terminal/table.ts";

type ComparisonInputs = {
  readonly machine: Machine;
  readonly model: Model;
  readonly config: ResolvedConfig;
  /** Calibration data, one set per draw. */
  readonly draws: readonly Dataset[];
  readonly evalData: Dataset;
};

/** The table shows medians over the draws: accuracy if there are labels, and agreement with the float model. */
export async function compareAllMethods(folder: string, inputs: ComparisonInputs): Promise<Outcome> {
  const { machine, model, config, draws, evalData } = inputs;
  const { compareMethods } = await library();
  const byMethod = new Map<string, Evaluation[]>();
  for (const draw of draws) {
    for (const row of await compareMethods(model.graph, draw, evalData, machine, config.options)) {
      byMethod.set(row.method, [...byMethod.get(row.method) ?? [], row.evaluation]);
    }
  }
  const methods = [...byMethod].map(([method, evaluations]) => ({ method, evaluations }));
  // Loaded on demand: the charts take a third of a second to load.
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
  return medianOf(evaluations.map(pick));
}
