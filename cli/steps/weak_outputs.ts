// Warnings for outputs that codes ruin, with the command that mends them.
import type { Dataset } from "../../src/dataset/mod.ts";
import type { Encodings, Evaluation, Graph } from "../../src/mod.ts";
import type { Machine } from "../../src/plan/machine.ts";
import { library } from "../open.ts";
import type { DataFlags, ModelFlags } from "../options/shared.ts";
import { shellWord } from "../output.ts";

type Judged = {
  /** What the encodings belong to; absent where a file was evaluated as it is. */
  readonly quantized?: { readonly graph: Graph; readonly encodings: Encodings };
  readonly found: Evaluation;
  readonly dataset: Pick<Dataset, "batches">;
  readonly machine: Machine;
};

type Flags = ModelFlags & Pick<DataFlags, "data"> & { readonly exclude?: readonly string[] };

export async function weakWarnings(
  { quantized, found, dataset, machine }: Judged,
  flags: Flags,
): Promise<string[]> {
  const { weakDb, weakOutputs, weakOutputText } = await library();
  if (!quantized) {
    return found.outputs.filter(({ sqnrDb }) => sqnrDb < weakDb).map(({ name, sqnrDb }) =>
      `output "${name}" has an SQNR of ${sqnrDb.toFixed(1)} dB; ` +
      '"halftone quantize" of the float model says which node to exclude'
    );
  }
  const weak = await weakOutputs(quantized, found.outputs, dataset.batches, machine);
  return weak.map((one) => weakOutputText(one, (exclude) => commandWith(flags, exclude)));
}

function commandWith({ model, data, output, exclude = [] }: Flags, more: readonly string[]): string {
  const words = [
    ["--model", model],
    ...data.map((path) => ["--data", path]),
    ["--output", output],
    ...[...exclude, ...more].map((name) => ["--exclude", name]),
  ];
  return ["halftone quantize", ...words.flat().map(shellWord)].join(" ");
}
