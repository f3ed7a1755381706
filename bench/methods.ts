// Which method should be the default: one calibration a model, its ranges by every method, and one sweep
// that evaluates them all.
import { methods } from "../src/calibrate/solve.ts";
import { defaultOptions, quantize } from "../src/mod.ts";
import { plansOf } from "../src/passes/stages.ts";
import { plannedOpset } from "../src/passes/upgrade_opset.ts";
import type { Machine } from "../src/plan/machine.ts";
import { stream } from "../src/plan/stream.ts";
import { encodeAll } from "../src/quantize/encodings.ts";
import { ortCpu } from "../src/quantize/targets/ort_cpu.ts";
import { calibrateGraph, prepare } from "../src/recipe.ts";
import { floats } from "../src/tensor/tensor.ts";
import type { Bench } from "./bench.ts";
import { Comparison } from "./comparison.ts";
import { type BenchModel, chosenModels, type Opened, openModel } from "./models.ts";
import type { Report, Row } from "./report.ts";

/** A sweep runs five models: big ones get fewer images. */
const mostImages = (model: BenchModel) => model.classes === 10 ? 2000 : 200;

export const methodsBench: Bench = {
  summary: "accuracy and SQNR by calibration method, from one calibration a model",
  options: [],
  timed: false,
  async run(machine, flags, report) {
    const rows: Row[] = [];
    for (const chosen of chosenModels(flags.only)) {
      const model = await openModel(chosen, flags.shared);
      rows.push(...await compareMethods(model, machine, flags.images ?? mostImages(model), report));
      report.note(JSON.stringify(rows.slice(-methods.length - 1)));
    }
    report.table(`Methods (default: ${defaultOptions.method})`, rows);
    return true;
  },
};

async function compareMethods(model: Opened, machine: Machine, most: number, report: Report): Promise<Row[]> {
  const data = await model.open(model.calibration);
  const recipe = {
    target: ortCpu,
    method: defaultOptions.method,
    parameters: {},
    weightMethod: "maxmin",
    excludes: () => undefined,
  } as const;
  const calibrated = await report.progress(
    `${model.name}: calibrating`,
    (update) =>
      calibrateGraph(model.graph, recipe, machine, data.batches, (done) => update(done, data.count)),
  );
  const { graph, points, ranges } = calibrated;
  const quantized = methods.map((method) => {
    const chosen = new Map([...ranges].map(([name, all]) => [name, all[method]]));
    return prepare(
      quantize(graph, encodeAll(graph, points, chosen, ortCpu, recipe.weightMethod)),
      plannedOpset,
    );
  });
  const dataset = await model.open(model.evaluation, most);
  const sums = [graph, ...quantized].map(() => model.graph.outputs.map(() => new Comparison(model.classes)));
  await report.progress(`${model.name}: evaluating`, async (update) => {
    let done = 0;
    for await (
      const { batch, outputs } of stream(
        machine,
        [graph, ...quantized].map((one) => plansOf(one, machine.limits)),
        dataset.batches(),
      )
    ) {
      const real = (i: number, name: string) => {
        const values = floats(outputs[i].get(name)!);
        return values.subarray(0, (values.length / dataset.batchSize) * batch.count);
      };
      sums.forEach((perOutput, i) =>
        model.graph.outputs.forEach((name, j) => perOutput[j].add(real(0, name), real(i, name), batch.labels))
      );
      update(done += batch.count, dataset.count);
    }
  });
  return ["float", ...methods].map((method, i) => ({
    model: model.name,
    images: dataset.count,
    calibrated_on: data.count,
    method,
    top1_percent: sums[i][0].top1,
    agreement_percent: sums[i][0].agreementPercent,
    sqnr_db: i === 0 ? undefined : sums[i][0].sqnrDb,
    other_sqnr_db: i === 0 ? undefined : sums[i][1]?.sqnrDb,
  }));
}
