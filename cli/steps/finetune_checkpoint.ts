// What an interrupted --fast-finetune leaves for --resume: a folder beside the results, a file for each layer that is
// done, each written whole or not at all. It is removed when the results are written.
import { existsSync } from "node:fs";
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { ConfigError, ModelError, withinAsync } from "../../src/error.ts";
import {
  type Checkpoint,
  checkpointJson,
  type Origin,
  parseCheckpoint,
} from "../../src/files/finetune_checkpoint.ts";
import { counted } from "../../src/report/number.ts";
import { textDigest } from "./digest.ts";
import { adviseAtInterrupt } from "../process/interrupt.ts";
import { writeText } from "../output.ts";
import type { FinishedLayer } from "../../src/finetune/tunable.ts";

/** `stem` is the model's. */
export function checkpointFolder(output: string, stem: string): string {
  return join(output, `${stem}_finetuning`);
}

export function removeCheckpoints(output: string, stem: string): Promise<void> {
  return rm(checkpointFolder(output, stem), { recursive: true, force: true });
}

export async function writeCheckpoint(folder: string, checkpoint: Checkpoint): Promise<void> {
  const body = checkpointJson(checkpoint);
  const file = JSON.stringify({ sha256: textDigest(JSON.stringify(body)), checkpoint: body });
  await writeText(folder, `layer-${checkpoint.place}.json`, `${file}\n`);
}

/**
 * The layers that are done, in order; none where there is no such folder.
 * @throws ConfigError where they belong to other work; ModelError where a file is damaged.
 */
export async function readCheckpoints(folder: string, origin: Origin): Promise<FinishedLayer[]> {
  if (!existsSync(folder)) return [];
  const names = (await readdir(folder)).filter((name) => /^layer-\d+\.json$/.test(name));
  const found = await Promise.all(names.map((name) => readCheckpoint(join(folder, name))));
  found.sort((a, b) => a.place - b.place);
  for (const { origin: other } of found) refuseOther(folder, origin, other);
  const gap = found.findIndex(({ place }, index) => place !== index);
  return found.slice(0, gap < 0 ? found.length : gap).map(({ layer }) => layer);
}

function readCheckpoint(file: string): Promise<Checkpoint> {
  return withinAsync(file, async () => {
    const damaged = "Cannot resume finetuning: the file is damaged; remove it, or leave out --resume";
    let read: { sha256?: unknown; checkpoint?: unknown };
    try {
      read = Object(JSON.parse(await readFile(file, "utf8")));
    } catch (cause) {
      throw new ModelError(damaged, { cause });
    }
    const { sha256, checkpoint } = read;
    if (checkpoint === undefined || textDigest(JSON.stringify(checkpoint)) !== sha256) {
      throw new ModelError(damaged);
    }
    return parseCheckpoint(checkpoint);
  });
}

const differences: Readonly<Record<keyof Origin, string>> = {
  version: "another version of halftone made it",
  calibration: "the model, the options or the calibration differ",
  samples: "the samples to finetune on differ, or their batches",
  device: "another device made it",
  method: "another method or another --seed made it",
};

function refuseOther(folder: string, origin: Origin, other: Origin): void {
  for (const [key, state] of Object.entries(differences) as [keyof Origin, string][]) {
    if (origin[key] === other[key]) continue;
    throw new ConfigError(
      `Cannot resume from "${folder}": ${state}, expected what was interrupted; ` +
        "repeat its command line with --resume, or leave out --resume to begin anew",
    );
  }
}

/** Says at an interrupt what --resume is good for; nothing of no layers. */
export function adviseOfLayers(done: number): void {
  const kept = counted(done, "finetuned layer");
  adviseAtInterrupt(done === 0 ? "" : `${kept} kept: the same command with --resume goes on`);
}
