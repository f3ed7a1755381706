// Finetuning: tunes layer by layer or block by block, and keeps the result only if the network's output error falls, on
// held-out samples if there are enough.
import type { Batches, Machine } from "../plan/machine.ts";
import { insertQdq } from "../quantize/insert_qdq.ts";
import { record } from "../run/sweep.ts";
import { holdOut } from "./held_out.ts";
import { type FinetuneOptions, methods } from "./methods.ts";
import { outputErrors, outputsToJudge } from "./output_error.ts";
import type { LayerReport, Tunable } from "./tunable.ts";
import { type FinetuneProgress, tuneLayers } from "./tune_layers.ts";

export type Finetuned = Tunable & {
  readonly layers: readonly LayerReport[];
  /** Σ (y − ŷ)² over Σ y² at the network's outputs, on the held-out samples; on all samples if none are held out. */
  readonly outputError: { readonly before: number; readonly after: number };
  /** Number of samples that are only used for judging. */
  readonly heldOut: number;
  /** False: the output error did not fall, so everything is as calibrated. */
  readonly accepted: boolean;
};

export async function finetune(
  calibrated: Tunable,
  machine: Machine,
  batches: Batches,
  progress?: FinetuneProgress,
  { method = "second-moment", ...options }: FinetuneOptions = {},
): Promise<Finetuned> {
  // Layers are measured one by one, so recurrent states become ordinary data.
  const data = record(machine, calibrated.graph, batches);
  const { tuning, judging, count: heldOut } = await holdOut(calibrated.graph, data);
  const settings = { method: methods[method], ...options };
  const { tuned, layers } = await tuneLayers(calibrated, machine, tuning, progress, settings);
  const outputs = await outputsToJudge(calibrated.graph, data);
  const graphs = [calibrated, tuned].map(({ graph, encodings }) =>
    insertQdq(encodings)({ ...graph, outputs })
  );
  const [before, after] = await outputErrors({ ...calibrated.graph, outputs }, graphs, machine, judging);
  const accepted = after < before;
  return { ...(accepted ? tuned : calibrated), layers, outputError: { before, after }, heldOut, accepted };
}
