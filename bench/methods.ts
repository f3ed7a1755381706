// The accuracy of each calibration method and each target: one calibration per setting, one sweep over the data that
// judges all of them, and bounds that settings must keep on all of the data.
import { Option } from "commander";
import { evaluateAll, type Evaluation } from "../src/evaluate/evaluate.ts";
import { defaultOptions, optionsFor, quantize, type QuantizeOptions } from "../src/mod.ts";
import { plannedOpset, upgradeOpset } from "../src/passes/upgrade_opset.ts";
import type { Machine } from "../src/plan/machine.ts";
import { calibrateGraph, prepare } from "../src/recipe.ts";
import { recipeOf } from "../src/recipe/options.ts";
import { encodingsByMethod } from "../src/recipe/solve_ranges.ts";
import type { Bench, SharedFlags } from "./bench.ts";
import { type BenchModel, type OpenedModel, openModel, selectModels } from "./models.ts";
import type { Report, Row } from "./report.ts";

type Setting = { readonly options: Partial<QuantizeOptions>; readonly everyMethod?: boolean };

const settings = {
  "W8A8": { options: {}, everyMethod: true },
  "one scale per weight": { options: { perChannel: false } },
  "… equalized": { options: { perChannel: false, equalize: "iterated" } },
  "… biases corrected": { options: { perChannel: false, equalize: "iterated", biasCorrection: "closed" } },
  "dpu": { options: { preset: "dpu" } },
  "dpu, biases corrected": { options: { preset: "dpu", biasCorrection: "closed" } },
} as const satisfies Record<string, Setting>;
type SettingName = keyof typeof settings;

/** On all of the data; `top1` and `agreement` in percent, `lost` in points against the float model. */
type Bound = { readonly model: string; readonly setting: SettingName } & {
  readonly least: "top1" | "agreement" | "lost";
  readonly percent: number;
};
const bounds: readonly Bound[] = [
  { model: "resnet20-cifar10", setting: "W8A8", least: "top1", percent: 91.65 },
  { model: "mlperf-tiny-resnet8", setting: "W8A8", least: "top1", percent: 87.1 },
  { model: "squeezenet1.1-imagenet", setting: "W8A8", least: "lost", percent: 0.4 },
  { model: "mlperf-tiny-vww", setting: "W8A8", least: "agreement", percent: 99.2 },
  { model: "mlperf-tiny-vww", setting: "… equalized", least: "agreement", percent: 98.5 },
  { model: "resnet20-cifar10", setting: "dpu", least: "top1", percent: 91.3 },
  { model: "mlperf-tiny-resnet8", setting: "dpu", least: "top1", percent: 86.8 },
];

type Flags = SharedFlags & { readonly setting?: readonly SettingName[] };

export const methodsBench: Bench<Flags> = {
  summary: "accuracy and SQNR by calibration method and target, and their bounds",
  options: [new Option("--setting <name...>", "these settings only").choices(Object.keys(settings))],
  timed: false,
  async run(machine, flags, report) {
    const judged: JudgedSetting[] = [];
    for (const chosen of selectModels(flags.only)) {
      const model = await openModel(chosen, flags.shared);
      judged.push(...await judge(model, machine, flags, report));
      report.note(JSON.stringify(judged.slice(-1).map(rowOf)));
    }
    report.table(`Methods (default: ${defaultOptions.method})`, judged.map(rowOf));
    const checks = judged.flatMap(checksOf);
    report.table("Bounds", checks);
    return checks.every(({ verdict }) => verdict !== "missed");
  },
};

type JudgedSetting = {
  readonly model: BenchModel;
  readonly setting: SettingName;
  readonly method: string;
  readonly calibrated: number;
  readonly evaluation: Evaluation;
  /** True if all of the data was used. */
  readonly whole: boolean;
};

async function judge(
  model: OpenedModel,
  machine: Machine,
  flags: Flags,
  report: Report,
): Promise<JudgedSetting[]> {
  const { images, setting: chosen = Object.keys(settings) as SettingName[] } = flags;
  const data = await model.open(model.calibration, images);
  const quantized: (Pick<JudgedSetting, "setting" | "method"> & { graph: ReturnType<typeof quantize> })[] =
    [];
  for (const setting of chosen) {
    const { options, everyMethod }: Setting = settings[setting];
    const recipe = recipeOf(optionsFor(options), model.graph);
    const found = await report.progress(
      `${model.name}: calibrating, ${setting}`,
      (update) =>
        calibrateGraph(model.graph, recipe, machine, data.batches, (done) => update(done, data.count)),
    );
    const all = everyMethod ? encodingsByMethod(found, recipe) : [{ ...found, method: recipe.method }];
    for (const { method, encodings } of all) {
      const graph = upgradeOpset(plannedOpset)(quantize(found.graph, encodings));
      quantized.push({ setting, method, graph });
    }
  }
  const dataset = await model.open(model.evaluation, images);
  const float = prepare(model.graph, plannedOpset);
  const evaluations = await report.progress(
    `${model.name}: evaluating`,
    (update) =>
      evaluateAll(
        float,
        quantized.map(({ graph }) => graph),
        machine,
        dataset.batches,
        (done) => update(done, dataset.count),
      ),
  );
  const whole = images === undefined || dataset.count < images;
  return quantized.map(({ setting, method }, i) => ({
    model,
    setting,
    method,
    calibrated: data.count,
    evaluation: evaluations[i],
    whole,
  }));
}

function rowOf({ model, setting, method, calibrated, evaluation }: JudgedSetting): Row {
  const { images, float, quantized, agreement, outputs } = evaluation;
  return {
    model: model.name,
    images,
    calibrated_on: calibrated,
    setting,
    method,
    float_top1_percent: float?.top1,
    top1_percent: quantized?.top1,
    // The largest score of a detector is not a class.
    agreement_percent: model.faces ? undefined : 100 * agreement,
    sqnr_db: outputs[0].sqnrDb,
    other_sqnr_db: outputs[1]?.sqnrDb,
  };
}

type Check = Row & { readonly verdict: "kept" | "missed" | "not judged on a part of the images" };

function checksOf({ model, setting, method, evaluation, whole }: JudgedSetting): Check[] {
  const asked = optionsFor(settings[setting].options).method;
  if (method !== asked) return [];
  const { float, quantized, agreement } = evaluation;
  return bounds.filter((bound) => bound.model === model.name && bound.setting === setting).map((bound) => {
    const measured = bound.least === "agreement" ? 100 * agreement : quantized!.top1;
    const least = bound.least === "lost" ? float!.top1 - bound.percent : bound.percent;
    const what = bound.least === "agreement" ? "agreement" : "top-1";
    // Percentages of whole images: a binary rounding error is less than one image.
    const verdict = !whole
      ? "not judged on a part of the images"
      : measured >= least - 1e-9
      ? "kept"
      : "missed";
    return { model: model.name, setting, what, measured_percent: measured, least_percent: least, verdict };
  });
}
