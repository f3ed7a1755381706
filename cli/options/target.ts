// --target: a DPU by name or fingerprint, or where that is meant a preset.
import { CommanderError } from "commander";
import { nearestWord } from "../../src/files/nearest.ts";
import { dpuNamed, dpuNames } from "../../src/quantize/targets/dpu_names.ts";

export function misuse(message: string): CommanderError {
  return new CommanderError(2, "halftone.misuse", message);
}

/** Its name, where it is one of the DPUs or of `others`. Misuse that names the nearest one otherwise. */
export function targetNamed(
  text: string,
  verb = "quantize",
  others: readonly string[] = [],
): string {
  const name = others.find((other) => other === text) ?? dpuNamed(text);
  if (name !== undefined) return name;
  const near = nearestWord(text, [...others, ...dpuNames]);
  const expected = ["a DPU's name or fingerprint (0x…)", ...others].join(", ");
  const advice = near ? `, did you mean "${near}"?` : `, expected ${expected}`;
  throw misuse(`Cannot ${verb} for "${text}": it is no target that halftone knows${advice}`);
}

/** Misuse where another preset is named than the target's. */
export function requirePreset(
  target: string,
  own: string,
  named: string | undefined,
  verb = "quantize",
): void {
  if (named === undefined || named === own) return;
  throw misuse(
    `Cannot ${verb} for "${target}" by --preset ${named}: expected one of the two, or --preset ${own}`,
  );
}
