// What an interrupted train leaves for --resume: one file beside the results, written atomically after every period and
// removed once the results are written.
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { withinAsync } from "../../src/error.ts";
import {
  parseTrainingCheckpoint,
  trainingCheckpointBytes,
  type TrainingOrigin,
} from "../../src/files/training_checkpoint.ts";
import type { TrainingState } from "../../src/finetune/train/train.ts";
import { writeAtomically } from "../../src/storage/mod.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { adviseResume, requireSameOrigin } from "./resume.ts";

type TrainingCheckpoint = {
  /** Where training starts; absent: at the first step. */
  readonly begin?: TrainingState;
  readonly keep: (standing: TrainingState) => Promise<void>;
};

const fileIn = (output: string, stem: string) => join(output, `${stem}_training.safetensors`);

export function removeTrainingCheckpoint(output: string, stem: string): Promise<void> {
  return rm(fileIn(output, stem), { force: true });
}

/** @throws ConfigError if the file belongs to another run; ModelError if it is damaged. */
export async function openTrainingCheckpoint(
  output: string,
  stem: string,
  origin: TrainingOrigin,
  resume: boolean | undefined,
  terminal: Terminal,
): Promise<TrainingCheckpoint> {
  const file = fileIn(output, stem);
  const begin = resume ? await readStanding(file, origin) : undefined;
  if (resume) terminal.note(resumeText(begin, file));
  else await removeTrainingCheckpoint(output, stem);
  adviseResume(begin?.taken ?? 0, "step");
  const keep = async (standing: TrainingState) => {
    await writeAtomically(file, trainingCheckpointBytes({ origin, standing }, digestOf));
    adviseResume(standing.taken, "step");
  };
  return { begin, keep };
}

function resumeText(begin: TrainingState | undefined, file: string): string {
  if (!begin) return `Nothing to resume from in ${file}: starting with the first step`;
  return `Resuming after step ${begin.taken} in ${file}`;
}

async function readStanding(file: string, origin: TrainingOrigin): Promise<TrainingState | undefined> {
  if (!existsSync(file)) return undefined;
  const bytes = new Uint8Array(await readFile(file));
  const found = await withinAsync(file, async () => parseTrainingCheckpoint(bytes, digestOf));
  requireSameOrigin(file, origin, found.origin, differences);
  return found.standing;
}

const differences: Readonly<Record<keyof TrainingOrigin, string>> = {
  version: "another version of halftone wrote it",
  network: "the model or its encodings differ",
  samples: "the samples, their labels or their order differ",
  options: "the options of training differ",
  device: "another device computed it",
};

function digestOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
