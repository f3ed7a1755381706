// What an interrupted train leaves for --resume: one file beside the results, written whole after every period. It is
// removed when the results are written.
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { ConfigError, withinAsync } from "../../src/error.ts";
import type { TrainingState } from "../../src/finetune/train/train.ts";
import {
  parseTrainingCheckpoint,
  trainingCheckpointBytes,
  type TrainingOrigin,
} from "../../src/files/training_checkpoint.ts";
import { counted } from "../../src/report/number.ts";
import { writeAtomically } from "../../src/storage/mod.ts";
import { adviseAtInterrupt } from "../process/interrupt.ts";
import type { Terminal } from "../terminal/terminal.ts";

type Course = {
  readonly begin?: TrainingState;
  readonly keep: (standing: TrainingState) => Promise<void>;
};

const fileIn = (output: string, stem: string) => join(output, `${stem}_training.safetensors`);

export function removeTraining(output: string, stem: string): Promise<void> {
  return rm(fileIn(output, stem), { force: true });
}

/** @throws ConfigError where the file belongs to other work; ModelError where it is damaged. */
export async function courseOf(
  output: string,
  stem: string,
  origin: TrainingOrigin,
  resume: boolean | undefined,
  terminal: Terminal,
): Promise<Course> {
  const file = fileIn(output, stem);
  const begin = resume ? await readStanding(file, origin) : undefined;
  if (resume) terminal.note(begin ? `Resuming after step ${begin.taken} of ${file}` : noneText(file));
  else await removeTraining(output, stem);
  adviseOfSteps(begin?.taken ?? 0);
  const keep = async (standing: TrainingState) => {
    await writeAtomically(file, trainingCheckpointBytes({ origin, standing }, digestOf));
    adviseOfSteps(standing.taken);
  };
  return { begin, keep };
}

function noneText(file: string): string {
  return `Nothing to resume from in ${file}: beginning with the first step`;
}

async function readStanding(file: string, origin: TrainingOrigin): Promise<TrainingState | undefined> {
  if (!existsSync(file)) return undefined;
  const bytes = new Uint8Array(await readFile(file));
  const found = await withinAsync(file, async () => parseTrainingCheckpoint(bytes, digestOf));
  refuseOther(file, origin, found.origin);
  return found.standing;
}

const differences: Readonly<Record<keyof TrainingOrigin, string>> = {
  version: "another version of halftone made it",
  network: "the model or its encodings differ",
  samples: "the samples or their labels differ, or their order",
  options: "the options of training differ",
  device: "another device made it",
};

function refuseOther(file: string, origin: TrainingOrigin, other: TrainingOrigin): void {
  for (const [key, state] of Object.entries(differences) as [keyof TrainingOrigin, string][]) {
    if (origin[key] === other[key]) continue;
    throw new ConfigError(
      `Cannot resume from "${file}": ${state}, expected what was interrupted; ` +
        "repeat its command line with --resume, or leave out --resume to begin anew",
    );
  }
}

function digestOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Says at an interrupt what --resume is good for; nothing of no steps. */
export function adviseOfSteps(kept: number): void {
  adviseAtInterrupt(
    kept === 0 ? "" : `${counted(kept, "step")} kept: the same command with --resume goes on`,
  );
}
