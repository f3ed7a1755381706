// What --fast-finetune does after a calibration, and what it says of it.
import type { Dataset } from "../src/dataset/mod.ts";
import type { Finetuning } from "../src/formats/results.ts";
import type { Calibration } from "../src/mod.ts";
import type { Machine } from "../src/plan/machine.ts";
import { counted, percentText, secondsText } from "../src/report/number.ts";
import { library, type Model, openData } from "./open.ts";
import type { DataFlags, SharedFlags } from "./options.ts";
import type { QuantizeFlags } from "./quantize_options.ts";
import type { Terminal } from "./terminal.ts";

export type Asked = SharedFlags & DataFlags & QuantizeFlags;

type Calibrated = { readonly model: Model; readonly dataset: Dataset; readonly calibration: Calibration };

export async function finetuneOn(
  machine: Machine,
  { model, dataset, calibration }: Calibrated,
  flags: Asked,
  terminal: Terminal,
): Promise<Calibration> {
  const { finetune } = await library();
  const { finetuneLen } = flags;
  const data = finetuneLen !== undefined && finetuneLen < dataset.count
    ? await openData(model, { ...flags, labels: undefined, subsetLen: finetuneLen })
    : dataset;
  const progress = terminal.progress("Finetuning", "layers");
  try {
    return await finetune(calibration, data, machine, progress.update);
  } finally {
    progress.finish();
  }
}

export function finetuningText(
  { accepted, layers, outputError: { before, after } }: Finetuning,
  spent: number,
): string {
  const tuned = layers.filter(({ why }) => !why).length;
  const errors = `output error ${percentText(before * 100)} before, ${percentText(after * 100)} after`;
  if (!accepted) return `no: ${errors}; everything is as calibrated`;
  return `${tuned} of ${counted(layers.length, "layer")} in ${secondsText(spent)}, ${errors}`;
}
