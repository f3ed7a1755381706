// What commands open: the library, a model, data, a device.
import type { Graph } from "../src/graph/graph.ts";
import type { Machine } from "../src/plan/machine.ts";
import type { Dataset, SourcePath } from "../src/dataset/mod.ts";
import { checkStates } from "../src/dataset/chain.ts";
import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { basename, extname } from "node:path";
import { deviceText } from "../src/report/number.ts";
import { closeAfter } from "./process/interrupt.ts";
import { withoutNativeNoise } from "./process/native_noise.ts";
import type { DataFlags, EvalDataFlags, ShardFlags, SharedFlags } from "./options/shared.ts";
import { oneLine } from "./terminal/table.ts";
import type { Terminal } from "./terminal/terminal.ts";

/** Loaded when a command starts to work: help and usage errors need neither a device nor image decoders. */
export const library = () => import("../src/mod.ts");

export type Model = {
  readonly path: string;
  /** The file's name without its folder. */
  readonly file: string;
  /** `file` without ".onnx". */
  readonly stem: string;
  readonly bytes: number;
  readonly graph: Graph;
};

export async function openModel(path: string): Promise<Model> {
  const { load } = await library();
  const graph = await load(path);
  const file = basename(path);
  return { path, file, stem: basename(file, extname(file)), bytes: (await stat(path)).size, graph };
}

type OpenData = DataFlags & ShardFlags & Pick<SharedFlags, "seed">;

/** The data of --data, or of `paths`, prepared for the model's inputs. */
export async function openData(model: Model, flags: OpenData, paths = flags.data): Promise<Dataset> {
  const { modelInputs, openDataset } = await library();
  return openDataset({
    sources: paths.map(sourcePath),
    inputs: modelInputs(model.graph),
    modelPath: model.path,
    labels: flags.labels,
    preprocess: flags.preprocess,
    count: flags.subsetLen,
    sample: flags.sample,
    seed: flags.seed,
    batchSize: flags.batchSize,
    batchAxes: flags.batchAxis,
    chain: flags.chain && checkStates(flags.chain, modelInputs(model.graph), model.graph.outputs),
    shard: flags.shard,
  });
}

/** All the data of --eval-data; undefined if it is not given. */
export async function openEvalData(
  model: Model,
  { evalData, ...flags }: OpenData & EvalDataFlags,
): Promise<Dataset | undefined> {
  return evalData && await openData(model, { ...flags, subsetLen: undefined }, evalData);
}

/** `NAME=PATH`, unless the whole text is a path that exists. */
function sourcePath(text: string): SourcePath {
  const equals = text.indexOf("=");
  if (equals < 1 || existsSync(text)) return { path: text };
  return { input: text.slice(0, equals), path: text.slice(equals + 1) };
}

/** The device that was named last on a terminal. */
const named = new WeakMap<Terminal, string>();

/** Opens the device that the flags ask for, names it unless it was named last, and closes it after the work. */
export async function withMachine<T>(
  flags: SharedFlags,
  terminal: Terminal,
  work: (machine: Machine) => Promise<T>,
): Promise<T> {
  const { openMachine } = await library();
  const open = () => openMachine(flags.device);
  const machine = await (flags.verbose > 1 ? open() : withoutNativeNoise(open));
  return closeAfter(machine, () => {
    const device = deviceText(machine.description, machine.software);
    if (named.get(terminal) !== device) terminal.note(`Device: ${device}`);
    named.set(terminal, device);
    return work(machine);
  });
}

/** Names the images that could not be read: the first few, or all with --verbose 2. */
export function noteSkipped(dataset: Dataset, terminal: Terminal): void {
  const skipped = dataset.skipped();
  if (skipped.length === 0) return;
  terminal.note(`Skipped ${skipped.length} of ${dataset.count} images that cannot be read:`);
  const shown = 5;
  skipped.forEach(({ file, why }, i) =>
    terminal[i < shown ? "note" : "detail"](oneLine(`  ${file}: ${why}`))
  );
  if (skipped.length > shown) terminal.note(`  and ${skipped.length - shown} more: --verbose 2 names all`);
}
