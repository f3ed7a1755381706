// --target: a DPU by name or fingerprint, or for some commands a preset.
import { CommanderError } from "commander";
import { nearestWord } from "../../src/files/nearest.ts";
import { dpuLimits, dpuNames } from "../../src/dpu/names.ts";

export function misuse(message: string): CommanderError {
  return new CommanderError(2, "halftone.misuse", message);
}

/** The name of a DPU or of one of `others`. @throws CommanderError suggesting the nearest name. */
export function findTarget(
  text: string,
  verb = "quantize",
  others: readonly string[] = [],
): string {
  const name = others.find((other) => other === text) ?? dpuLimits(text)?.name;
  if (name !== undefined) return name;
  const near = nearestWord(text, [...others, ...dpuNames]);
  const expected = ["a DPU's name or fingerprint (0x…)", ...others].join(", ");
  const advice = near ? `, did you mean "${near}"?` : `, expected ${expected}`;
  throw misuse(`Cannot ${verb} for "${text}": halftone knows no such target${advice}`);
}

/** @throws CommanderError if --preset contradicts --target. */
export function requirePreset(
  target: string,
  targetPreset: string,
  given: string | undefined,
  verb = "quantize",
): void {
  if (given === undefined || given === targetPreset) return;
  throw misuse(
    `Cannot ${verb} for "${target}" with --preset ${given}: expected only one of the two, or --preset ${targetPreset}`,
  );
}
