// What an interrupted --fast-finetune leaves for --resume: a folder beside the results with one file per finished
// layer, each written atomically. The folder is removed once the results are written.
import { existsSync } from "node:fs";
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { ModelError, withinAsync } from "../../src/error.ts";
import {
  type Checkpoint,
  checkpointJson,
  type Origin,
  parseCheckpoint,
} from "../../src/files/finetune_checkpoint.ts";
import type { FinishedLayer } from "../../src/finetune/tunable.ts";
import { writeText } from "../output.ts";
import { textDigest } from "./digest.ts";
import { requireSameOrigin } from "./resume.ts";

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
 * The finished layers in order, up to the first missing file; empty if the folder does not exist.
 * @throws ConfigError if they belong to another run; ModelError if a file is damaged.
 */
export async function readCheckpoints(folder: string, origin: Origin): Promise<FinishedLayer[]> {
  if (!existsSync(folder)) return [];
  const names = (await readdir(folder)).filter((name) => /^layer-\d+\.json$/.test(name));
  const checkpoints = await Promise.all(names.map((name) => readCheckpoint(join(folder, name))));
  checkpoints.sort((a, b) => a.place - b.place);
  for (const { origin: found } of checkpoints) requireSameOrigin(folder, origin, found, differences);
  const gap = checkpoints.findIndex(({ place }, index) => place !== index);
  return checkpoints.slice(0, gap < 0 ? checkpoints.length : gap).map(({ layer }) => layer);
}

function readCheckpoint(file: string): Promise<Checkpoint> {
  return withinAsync(file, async () => {
    const damaged = "Cannot resume finetuning: the file is damaged; remove it, or leave out --resume";
    let content: { sha256?: unknown; checkpoint?: unknown };
    try {
      content = Object(JSON.parse(await readFile(file, "utf8")));
    } catch (cause) {
      throw new ModelError(damaged, { cause });
    }
    const { sha256, checkpoint } = content;
    if (checkpoint === undefined || textDigest(JSON.stringify(checkpoint)) !== sha256) {
      throw new ModelError(damaged);
    }
    return parseCheckpoint(checkpoint);
  });
}

const differences: Readonly<Record<keyof Origin, string>> = {
  version: "another version of halftone wrote it",
  calibration: "the model, the options or the calibration differ",
  samples: "the samples to finetune on or their batches differ",
  device: "another device computed it",
  method: "another method or another --seed was used",
};
