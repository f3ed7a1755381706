// Warnings for outputs whose SQNR is too low after quantization, with the command that excludes the nodes at fault.
import type { Dataset } from "../../src/dataset/mod.ts";
import type { Encodings, Evaluation, Graph } from "../../src/mod.ts";
import type { Machine } from "../../src/plan/machine.ts";
import { library } from "../open.ts";
import type { DataFlags, ModelFlags } from "../options/shared.ts";
import { shellWord } from "../output.ts";

type WeakOutputInputs = {
  /** Absent if a quantized file was evaluated as it is. */
  readonly calibration?: { readonly graph: Graph; readonly encodings: Encodings };
  readonly evaluation: Evaluation;
  readonly dataset: Pick<Dataset, "batches">;
  readonly machine: Machine;
};

type Flags = ModelFlags & Pick<DataFlags, "data"> & { readonly exclude?: readonly string[] };

export async function weakOutputWarnings(
  { calibration, evaluation, dataset, machine }: WeakOutputInputs,
  flags: Flags,
): Promise<string[]> {
  const { weakDb, weakOutputs, weakOutputText } = await library();
  const { outputs } = evaluation;
  if (!calibration) {
    return outputs.filter(({ sqnrDb }) => sqnrDb < weakDb).map(({ name, sqnrDb }) =>
      `output "${name}" has an SQNR of ${sqnrDb.toFixed(1)} dB; ` +
      '"halftone quantize" of the float model names the nodes to exclude'
    );
  }
  const weak = await weakOutputs(calibration, outputs, dataset.batches, machine);
  return weak.map((one) => weakOutputText(one, (exclude) => quantizeCommand(flags, exclude)));
}

function quantizeCommand({ model, data, output, exclude = [] }: Flags, more: readonly string[]): string {
  const words = [
    ["--model", model],
    ...data.map((path) => ["--data", path]),
    ["--output", output],
    ...[...exclude, ...more].map((name) => ["--exclude", name]),
  ];
  return ["halftone quantize", ...words.flat().map(shellWord)].join(" ");
}
