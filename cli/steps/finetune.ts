// --fast-finetune: finetunes after calibration, keeping each finished layer for --resume.
import type { Dataset } from "../../src/dataset/mod.ts";
import type { Origin } from "../../src/files/finetune_checkpoint.ts";
import type { Finetuning } from "../../src/files/results.ts";
import type { FinishedLayer } from "../../src/finetune/tunable.ts";
import type { Calibration } from "../../src/mod.ts";
import type { Machine } from "../../src/plan/machine.ts";
import { countText, percentText, secondsText } from "../../src/report/number.ts";
import { library, type Model, openData } from "../open.ts";
import type { QuantizeFlags } from "../options/quantize.ts";
import type { DataFlags, SharedFlags } from "../options/shared.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { version } from "../../src/storage/version.ts";
import { calibrationDigest, textDigest } from "./digest.ts";
import {
  checkpointFolder,
  readCheckpoints,
  removeCheckpoints,
  writeCheckpoint,
} from "./finetune_checkpoint.ts";
import { adviseResume } from "./resume.ts";

export type FinetuneFlags = SharedFlags & DataFlags & QuantizeFlags & { readonly output: string };

type FinetuneInputs = { readonly model: Model; readonly dataset: Dataset; readonly calibration: Calibration };

export async function finetuneModel(
  machine: Machine,
  { model, dataset, calibration }: FinetuneInputs,
  flags: FinetuneFlags,
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
  if (flags.resume) terminal.note(resumeText(done.length, folder));
  else await removeCheckpoints(flags.output, model.stem);
  const progress = terminal.progress("Finetuning", "layers", done.length);
  let [place, last] = [done.length, ""];
  adviseResume(place, "finetuned layer");
  const keep = async (layer: FinishedLayer, at: number) => {
    await writeCheckpoint(folder, { place: at, origin, layer });
    place = at + 1;
    adviseResume(place, "finetuned layer");
    last = layerText(layer);
  };
  const update = (count: number, total: number) => progress.update(count, total, last);
  try {
    return await finetune(calibration, data, machine, update, { done, keep, method, seed });
  } finally {
    adviseResume(0, "finetuned layer");
    progress.finish();
  }
}

function resumeText(done: number, folder: string): string {
  if (done === 0) return `No layer to resume from in ${folder}: starting with the first`;
  return `Resuming after ${countText(done, "layer")} in ${folder}`;
}

/** The error of the layer finished last. */
function layerText({ name, before, after, why }: FinishedLayer): string {
  if (why !== undefined || before === undefined || after === undefined) return `${name} as calibrated`;
  return `${name} error ${percentText(before * 100)} to ${percentText(after * 100)}`;
}

export function finetuningText(
  { method, heldOut, accepted, layers, outputError: { before, after } }: Finetuning,
  spent: number,
): string {
  const tuned = layers.filter(({ why }) => !why).length;
  const samples = heldOut > 0 ? ` on ${countText(heldOut, "held-out image")}` : "";
  const errors = `output error ${percentText(before * 100)} before, ${
    percentText(after * 100)
  } after${samples}`;
  if (!accepted) return `no (${method}): ${errors}; everything was left as calibrated`;
  return `${tuned} of ${countText(layers.length, "layer")} by ${method} in ${secondsText(spent)}, ${errors}`;
}
