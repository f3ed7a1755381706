// The flags of the Vitis AI quantizer's scripts: which apply in which mode, and what --target means.
import type { QuantizeFlags } from "../options/quantize.ts";
import type { DataFlags, ModelFlags, QuantFlags as ModeFlags, SharedFlags } from "../options/shared.ts";
import { findTarget, withTarget } from "../options/target.ts";
import type { VerifyFlags } from "../steps/verify.ts";
import type { Terminal } from "../terminal/terminal.ts";

export type QuantFlags =
  & SharedFlags
  & Partial<ModelFlags>
  & Partial<DataFlags>
  & QuantizeFlags
  & ModeFlags
  & VerifyFlags
  & {
    readonly output: string;
    readonly batchSize: number;
  };

export type QuantMode = ModeFlags["quantMode"];

export function deploys({ quantMode, deploy }: QuantFlags): boolean {
  return quantMode === "test" && deploy === true;
}

/** Whether this run quantizes, or shows what quantizing would do. */
export function quantizes({ quantMode, inspect }: QuantFlags): boolean {
  return quantMode === "calib" || inspect === true;
}

type Unused = { readonly flag: string; readonly given: (flags: QuantFlags) => boolean; readonly why: string };

/** Flags that have an effect only in a run that quantizes. */
const unusedRows: readonly Unused[] = [
  { flag: "target", given: ({ target }) => target !== undefined, why: "" },
  {
    flag: "config_file",
    given: ({ config, configFile = config }) => configFile !== undefined,
    why: ": calib mode reads it, and quant_info.json has the result",
  },
  {
    flag: "fast_finetune",
    given: ({ fastFinetune }) => fastFinetune !== undefined,
    why: ": calib mode tunes, and quant_info.json names the tuned model",
  },
];

/**
 * Sets the preset of --target. Reports flags that have no effect, as Vitis AI ignores them; rejects contradictory flags
 * before any work starts.
 */
export function resolveTarget(flags: QuantFlags, terminal: Terminal): QuantFlags {
  const { quantMode, target, deploy } = flags;
  const noteUnused = (flag: string, why: string) => terminal.note(`--${flag} has no effect ${why}`);
  if (deploy && quantMode !== "test") {
    noteUnused("deploy", `with --quant_mode ${quantMode}: the model is exported in test mode`);
  }
  if (!quantizes(flags)) {
    for (const { flag, given, why } of unusedRows) {
      if (given(flags)) noteUnused(flag, `with --quant_mode ${quantMode}${why}`);
    }
  }
  if (target === undefined) return flags;
  if (quantizes(flags)) return withTarget(flags, terminal);
  findTarget(target);
  return { ...flags, target: undefined };
}
