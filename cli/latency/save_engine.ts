// --save-engine: the plans that were measured, tuned and packed, in one file.
import type { EngineRun } from "../../src/files/engine.ts";
import type { Machine } from "../../src/plan/machine.ts";
import { engineRun } from "../../src/recipe/save_engine.ts";
import { version, writeEngine } from "../../src/storage/mod.ts";
import type { BenchFlags } from "../options/bench.ts";
import type { WrittenFile } from "../output.ts";
import { modelDigest } from "../steps/digest.ts";
import type { Terminal } from "../terminal/terminal.ts";
import type { Contest } from "./contest.ts";
import type { BatchResult } from "./json.ts";
import { namedPrecisions, type Precision } from "./precision.ts";

type Setup = {
  readonly flags: BenchFlags;
  readonly machine: Machine;
  readonly contest: Contest;
  readonly terminal: Terminal;
};

/** Saves the runs that flags name, or all: the fastest first. Undefined without --save-engine. */
export async function saveRuns(
  { flags, machine, contest, terminal }: Setup,
  { runs }: BatchResult,
): Promise<WrittenFile | undefined> {
  if (flags.saveEngine === undefined) return undefined;
  const named = namedPrecisions(flags);
  const wanted = runs.filter(({ name }) => named?.includes(name as Precision) ?? true);
  const ordered = [...wanted.length > 0 ? wanted : runs].sort((a, b) => a.latency.median - b.latency.median);
  const saved: EngineRun[] = [];
  const inputs = contest.inputs.map(({ name }) => name);
  for (const { name, measured } of ordered) saved.push(await engineRun(name, measured.plan, inputs, machine));
  const { model, modelName } = contest;
  const digest = model ? await modelDigest(model.path, model.graph) : "";
  const origin = { name: modelName, digest };
  const file = await writeEngine(flags.saveEngine, { version: version(), model: origin, runs: saved });
  terminal.note(`The engine ${flags.saveEngine} holds ${ordered.map(({ name }) => name).join(", then ")}`);
  return file;
}
