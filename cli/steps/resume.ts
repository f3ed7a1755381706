// What --resume needs, of finetuning as of training: a checkpoint of the same work, and advice when Ctrl-C ends a run.
import { ConfigError } from "../../src/error.ts";
import { countText } from "../../src/report/number.ts";
import { setInterruptAdvice } from "../process/interrupt.ts";

/** @throws ConfigError with the first of `differences` in which a checkpoint's origin is not this run's. */
export function requireSameOrigin<Origin extends object>(
  place: string,
  origin: Origin,
  found: Origin,
  differences: Readonly<Record<keyof Origin, string>>,
): void {
  const key = (Object.keys(differences) as (keyof Origin)[]).find((key) => origin[key] !== found[key]);
  if (key === undefined) return;
  throw new ConfigError(
    `Cannot resume from "${place}": ${differences[key]}, expected the run that was interrupted; ` +
      "repeat its command line with --resume, or leave out --resume to start anew",
  );
}

/** On Ctrl-C, says how to resume from what is kept; with nothing kept, says nothing. */
export function adviseResume(kept: number, unit: string): void {
  setInterruptAdvice(
    kept === 0 ? "" : `${countText(kept, unit)} kept: run the same command with --resume to continue`,
  );
}
