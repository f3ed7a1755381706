// --save-engine: the plans that were measured, tuned and packed, in one file.
import type { EngineRun } from "../../src/files/engine.ts";
import type { Machine } from "../../src/plan/machine.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { engineRun } from "../../src/recipe/save_engine.ts";
import { version, writeEngine } from "../../src/storage/mod.ts";
import type { BenchFlags } from "../options/bench.ts";
import type { WrittenFile } from "../output.ts";
import { modelDigest } from "../steps/digest.ts";
import type { Terminal } from "../terminal/terminal.ts";
import type { Contest } from "./contest.ts";
import type { BatchResult } from "./json.ts";
import { namedPrecisions, precisionOf } from "./precision.ts";

type Setup = {
  readonly flags: BenchFlags;
  readonly machine: Machine;
  readonly contest: Contest;
  readonly terminal: Terminal;
};

type Planned = { readonly name: string; readonly plan: Plan };

/** Saves the measured runs that flags name, or all: the fastest first. Undefined without --save-engine. */
export async function saveRuns(setup: Setup, { runs }: BatchResult): Promise<WrittenFile | undefined> {
  if (setup.flags.saveEngine === undefined) return undefined;
  const ordered = runs.toSorted((a, b) => a.latency.median - b.latency.median);
  return await savePlans(setup, ordered.map(({ name, measured: { plan } }) => ({ name, plan })));
}

/** Saves the plans that flags name, or all, in this order. */
export async function savePlans(
  { flags, machine, contest, terminal }: Setup,
  plans: readonly Planned[],
): Promise<WrittenFile> {
  const named = namedPrecisions(flags);
  const wanted = plans.filter(({ name }) => named?.includes(precisionOf(name)) ?? true);
  const inputs = contest.inputs.map(({ name }) => name);
  const runs: EngineRun[] = [];
  for (const { name, plan } of wanted) runs.push(await engineRun(name, plan, inputs, machine));
  const { model, modelName } = contest;
  const digest = model ? await modelDigest(model.path, model.graph) : "";
  const path = flags.saveEngine!;
  const file = await writeEngine(path, { version: version(), model: { name: modelName, digest }, runs });
  terminal.note(`The engine ${path} holds ${wanted.map(({ name }) => name).join(", then ")}`);
  return file;
}
