// --target: a DPU by name or fingerprint, or for some commands a preset.
import { CommanderError } from "commander";
import { dpuLimits, dpuNames, dpuPreset, fingerprintProblem } from "../../src/dpu/names.ts";
import { nearestNames } from "../../src/files/nearest.ts";
import type { Preset } from "../../src/quantize/presets.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { option } from "./option.ts";
import type { QuantizeFlags } from "./quantize.ts";

export type TargetFlags = { readonly target?: string };

/** For commands that calibrate. */
export const targetOption = option("Quantization")(
  "--target <NAME>",
  "a DPU by name or fingerprint: nodes that it does not run stay float; sets --preset dpu",
);

export function misuse(message: string): CommanderError {
  return new CommanderError(2, "halftone.misuse", message);
}

/** The name of a DPU or of one of `others`. @throws CommanderError suggesting the nearest names. */
export function findTarget(
  text: string,
  verb = "quantize",
  others: readonly string[] = [],
): string {
  const name = others.find((other) => other === text) ?? dpuLimits(text)?.name;
  if (name !== undefined) return name;
  const near = nearestNames(text, [...others, ...dpuNames]);
  const expected = ["a DPU's name or fingerprint (DPUCZDX8G_ISA1_B4096, 0x…)", ...others].join(", ");
  const advice = near.length > 0 ? `, did you mean ${listOf(near)}?` : `, expected ${expected}`;
  const problem = fingerprintProblem(text) ?? "halftone knows no such target";
  throw misuse(`Cannot ${verb} for "${text}": ${problem}${advice}`);
}

function listOf(names: readonly string[]): string {
  const quoted = names.map((name) => `"${name}"`);
  return [quoted.slice(0, -1).join(", "), quoted.at(-1)].filter(Boolean).join(" or ");
}

/** @throws CommanderError if --preset contradicts --target. */
function requirePreset(
  target: string,
  targetPreset: string,
  given: string | undefined,
  verb: string,
): void {
  if (given === undefined || given === targetPreset) return;
  throw misuse(
    `Cannot ${verb} for "${target}" with --preset ${given}: expected only one of the two, or --preset ${targetPreset}`,
  );
}

/**
 * The flags with the preset and the DPU that --target means, and its name; `others`: presets that it may name instead.
 * Beside a configuration file it has no effect, as in the Vitis AI quantizer.
 */
export function targetFlags<Flags extends QuantizeFlags & TargetFlags>(
  flags: Flags,
  terminal: Terminal,
  verb = "quantize",
  others: readonly Preset[] = [],
): Flags {
  const { target, config, configFile = config, preset } = flags;
  if (target === undefined) return flags;
  const name = findTarget(target, verb, others);
  if (configFile !== undefined) {
    terminal.note(`--target has no effect with --config-file: its "target_device" takes precedence`);
    return { ...flags, target: undefined };
  }
  const other = others.find((one) => one === name);
  requirePreset(target, other ?? dpuPreset, preset, verb);
  return { ...flags, preset: other ?? dpuPreset, dpu: other ? undefined : target, target: name };
}

/** `targetFlags` for commands that calibrate: says what the target means there. */
export function withTarget<Flags extends QuantizeFlags & TargetFlags>(
  flags: Flags,
  terminal: Terminal,
): Flags {
  const resolved = targetFlags(flags, terminal);
  if (resolved.target) terminal.note(`Target: ${resolved.target}; what it does not run stays float`);
  return resolved;
}
