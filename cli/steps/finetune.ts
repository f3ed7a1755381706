// What --fast-finetune does after a calibration, and what it says of it.
import type { Dataset } from "../../src/dataset/mod.ts";
import type { Origin } from "../../src/files/finetune_checkpoint.ts";
import type { Finetuning } from "../../src/files/results.ts";
import type { Calibration } from "../../src/mod.ts";
import type { Machine } from "../../src/plan/machine.ts";
import { counted, percentText, secondsText } from "../../src/report/number.ts";
import {
  adviseOfLayers,
  checkpointFolder,
  readCheckpoints,
  removeCheckpoints,
  writeCheckpoint,
} from "./finetune_checkpoint.ts";
import { calibrationDigest, textDigest } from "./digest.ts";
import { library, type Model, openData } from "../open.ts";
import type { DataFlags, SharedFlags } from "../options/shared.ts";
import type { QuantizeFlags } from "../options/quantize.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { version } from "../version.ts";
import type { FinishedLayer } from "../../src/finetune/tunable.ts";

export type Asked = SharedFlags & DataFlags & QuantizeFlags & { readonly output: string };

type Calibrated = { readonly model: Model; readonly dataset: Dataset; readonly calibration: Calibration };

export async function finetuneOn(
  machine: Machine,
  { model, dataset, calibration }: Calibrated,
  flags: Asked,
  terminal: Terminal,
): Promise<Calibration> {
  const { finetune } = await library();
  const { finetuneLen, fastFinetune: method, seed } = flags;
  const data = finetuneLen !== undefined && finetuneLen < dataset.count
    ? await openData(model, { ...flags, labels: undefined, subsetLen: finetuneLen })
    : dataset;
  const folder = checkpointFolder(flags.output, model.stem);
  const origin: Origin = {
    version: version(),
    calibration: calibrationDigest(calibration),
    samples: textDigest([flags.batchSize, ...data.identity()].join("\n")),
    device: machine.description,
    method: `${method}, seed ${seed}`,
  };
  const done = flags.resume ? await readCheckpoints(folder, origin) : [];
  if (flags.resume) terminal.note(resumedText(done.length, folder));
  else await removeCheckpoints(flags.output, model.stem);
  const progress = terminal.progress("Finetuning", "layers", done.length);
  let [place, last] = [done.length, ""];
  adviseOfLayers(place);
  const keep = async (layer: FinishedLayer, at: number) => {
    await writeCheckpoint(folder, { place: at, origin, layer });
    place = at + 1;
    adviseOfLayers(place);
    last = errorsText(layer);
  };
  const update = (count: number, total: number) => progress.update(count, total, last);
  try {
    return await finetune(calibration, data, machine, update, { done, keep, method, seed });
  } finally {
    adviseOfLayers(0);
    progress.finish();
  }
}

function resumedText(done: number, folder: string): string {
  if (done === 0) return `No layer to resume from in ${folder}: beginning with the first`;
  return `Resuming after ${counted(done, "layer")} of ${folder}`;
}

/** The loss of the layer that was done last. */
function errorsText({ name, before, after, why }: FinishedLayer): string {
  if (why !== undefined || before === undefined || after === undefined) return `${name} as calibrated`;
  return `${name} error ${percentText(before * 100)} to ${percentText(after * 100)}`;
}

export function finetuningText(
  { method, heldOut, accepted, layers, outputError: { before, after } }: Finetuning,
  spent: number,
): string {
  const tuned = layers.filter(({ why }) => !why).length;
  const judged = heldOut > 0 ? ` on ${counted(heldOut, "held-out image")}` : "";
  const errors = `output error ${percentText(before * 100)} before, ${
    percentText(after * 100)
  } after${judged}`;
  if (!accepted) return `no (${method}): ${errors}; everything is as calibrated`;
  return `${tuned} of ${counted(layers.length, "layer")} by ${method} in ${secondsText(spent)}, ${errors}`;
}
