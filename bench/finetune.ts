// Finetuning: accuracy of the settings that it is judged by, and seconds.
import { Option } from "commander";
import { type FinetuneMethod, finetuneMethods } from "../src/finetune/methods.ts";
import {
  calibrate,
  evaluate,
  type Evaluation,
  finetune,
  quantize,
  type QuantizeOptions,
} from "../src/mod.ts";
import type { Machine } from "../src/plan/machine.ts";
import type { Bench, SharedFlags } from "./bench.ts";
import { measurePeak } from "./finetune_memory.ts";
import { type OpenedModel, openModel, selectModels } from "./models.ts";
import type { Report, Row } from "./report.ts";

type Setting = {
  readonly model: string;
  readonly options: Partial<QuantizeOptions>;
  /** About the options, beyond the width. */
  readonly remark?: string;
  /** Samples to calibrate and finetune on; by default the whole folder. */
  readonly images?: number;
  readonly bound?: Bound;
  /** second-moment by default; other methods are part "gradient". */
  readonly method?: FinetuneMethod;
};
/** In percent; `lost` is relative to the float model's accuracy. */
type Bound = { readonly top1: number } | { readonly lost: number } | { readonly agreement: number };

const lowWidth = (model: string, weightBits: number, top1: number, images?: number): Setting => ({
  model,
  options: { weightBits },
  images,
  bound: { top1 },
});

/** The tensors of the first and the last layer of ResNet-8. */
const ends = ["input", "conv2d.weight", "average_pooling2d", "dense.weight"];

const settings: readonly Setting[] = [
  lowWidth("mlperf-tiny-resnet8", 4, 86.5, 256),
  lowWidth("mlperf-tiny-resnet8", 4, 86.7),
  lowWidth("mlperf-tiny-resnet8", 3, 85.6),
  lowWidth("mlperf-tiny-resnet8", 2, 80.5),
  {
    model: "mlperf-tiny-resnet8",
    options: {
      weightBits: 4,
      activationBits: 4,
      overrides: ends.map((tensor) => ({ tensor, bits: 8 })),
    },
    remark: "first and last layer 8 bits",
    bound: { top1: 84.5 },
  },
  lowWidth("resnet20-cifar10", 4, 91.5),
  lowWidth("resnet20-cifar10", 3, 91.1),
  lowWidth("resnet20-cifar10", 2, 89.5),
  {
    model: "resnet20-cifar10",
    options: { preset: "dpu" },
    remark: "dpu, powers of two",
    bound: { top1: 91.65 },
  },
  { model: "squeezenet1.1-imagenet", options: { weightBits: 4 }, images: 300, bound: { lost: 1.2 } },
  {
    model: "mlperf-tiny-vww",
    options: { perChannel: false, equalize: "iterated" },
    remark: "per tensor, equalized",
    images: 300,
    bound: { agreement: 99.3 },
  },
];

/** Every method on one model with the same images. */
const byMethod = finetuneMethods.map((method): Setting => {
  return { model: "mlperf-tiny-resnet8", options: { weightBits: 4 }, images: 256, method };
});

type Flags = SharedFlags & { readonly part?: string };

export const finetuning: Bench<Flags> = {
  summary: "finetuning: accuracy at low widths, and seconds",
  options: [
    new Option(
      "--part <text>",
      "settings whose name holds this, such as W4A8 or dpu; memory; gradient (methods)",
    ),
  ],
  timed: false,
  async run(machine, flags, report) {
    const { part = "" } = flags;
    const memory = flags.only === undefined && "memory".includes(part) ? await measurePeak(report) : [];
    if (memory.length > 0) report.table("Peak memory of finetuning a wide layer", memory);
    const rows: Row[] = [];
    const [isByMethod, method] = part.startsWith("gradient") ? [true, part.split(" ")[1] ?? ""] : [false, ""];
    const selected = isByMethod
      ? byMethod.filter((one) => one.method!.includes(method))
      : settings.filter((one) => nameOf(one).includes(part));
    for (const chosen of selectModels(flags.only)) {
      const model = await openModel(chosen, flags.shared);
      for (const setting of selected.filter((one) => one.model === chosen.name)) {
        rows.push(await measure(model, setting, machine, flags, report));
        report.note(JSON.stringify(rows.at(-1)));
      }
    }
    const title = isByMethod ? "Methods of finetuning" : "Finetuning by second moments";
    if (rows.length > 0) report.table(title, rows);
    return [...rows, ...memory].every(({ verdict }) => verdict !== "missed");
  },
};

function nameOf({ options, remark }: Setting): string {
  const width = `W${options.weightBits ?? 8}A${options.activationBits ?? 8}`;
  return remark ? `${width}, ${remark}` : width;
}

async function measure(
  model: OpenedModel,
  setting: Setting,
  machine: Machine,
  flags: SharedFlags,
  report: Report,
): Promise<Row> {
  const { options, images, bound, method } = setting;
  // `--images` limits the evaluation.
  const data = await model.open({ ...model.calibration, count: images });
  const label = `${model.name} ${nameOf(setting)}`;
  const calibration = await report.progress(
    `${label}: calibrating`,
    (update) => calibrate(model.graph, data, machine, options, update),
  );
  const tuned = await report.progress(
    `${label}: finetuning`,
    (update) => finetune(calibration, data, machine, update, { method }),
  );
  const dataset = await model.open(model.evaluation, flags.images);
  const quantized = quantize(tuned.graph, tuned.encodings);
  const found = await report.progress(
    `${label}: evaluating`,
    (update) => evaluate(model.graph, quantized, dataset, machine, update),
  );
  const { layers, outputError } = tuned.finetune!;
  return {
    model: model.name,
    setting: nameOf(setting),
    ...(method && { method }),
    tuned_on: data.count,
    images: found.images,
    float_top1_percent: found.float?.top1,
    tuned_top1_percent: found.quantized?.top1,
    agreement_percent: 100 * found.agreement,
    sqnr_db: found.outputSqnrDb,
    output_error_before: outputError.before,
    after: outputError.after,
    calibrate_s: calibration.seconds.total,
    finetune_s: tuned.seconds.finetune,
    left_as_calibrated: layers.filter(({ why }) => why).length,
    ...(bound && verdictOf(found, bound, flags.images !== undefined)),
  };
}

function verdictOf({ float, quantized, agreement }: Evaluation, bound: Bound, part: boolean) {
  const [least, found] = "agreement" in bound
    ? [bound.agreement, 100 * agreement]
    : ["top1" in bound ? bound.top1 : float!.top1 - bound.lost, quantized!.top1];
  const verdict = part ? "not judged on a part of the images" : found >= least ? "kept" : "missed";
  return { bound_percent: least, verdict };
}
