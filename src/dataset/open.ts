// Files in, batches out: the data set of a model as a stream that can be swept again and again.
import { ConfigError, ModelError, UnsupportedError } from "../error.ts";
import type { Batch, Batches } from "../plan/machine.ts";
import { elementCount, sameShape, type Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { ahead } from "./ahead.ts";
import { type Labelled, stack } from "./batch.ts";
import { assignInputs, openSource, type SourcePath } from "./locate.ts";
import { loadPreprocessor, type Preprocessor } from "./preprocessor.ts";
import { randomSource } from "./random_source.ts";
import type { ModelInput, Source } from "./source.ts";
import { chooseSamples, type Sampling, type Shard, shardOf } from "./subset.ts";

export type DatasetOptions = {
  /** A folder, an image, a .npy, a .npz, or "random"; with several inputs a path for each or one .npz. */
  readonly sources: readonly SourcePath[];
  readonly inputs: readonly ModelInput[];
  /** The model file: preprocessing is looked for beside it. */
  readonly modelPath?: string;
  /**
   * A Hugging Face image-processor file; default: see `loadPreprocessor`. Applies to images, not to tensors.
   */
  readonly preprocess?: string;
  /** Lines `FILE INDEX`, for the files of the first source. */
  readonly labels?: string;
  /** How many samples; all by default (random data: one batch). */
  readonly count?: number;
  /** Which samples and in what order, see `chooseSamples`; "random" by default. */
  readonly sample?: Sampling;
  readonly seed?: number;
  /** 8 by default; the model's own batch where that is fixed. */
  readonly batchSize?: number;
  /** Standard normal numbers for every input, as the path "random". */
  readonly random?: boolean;
  /** Only this part of the samples. */
  readonly shard?: Shard;
};

/** An image that could not be read. */
export type Skipped = { readonly file: string; readonly why: string };

export type Dataset = {
  /** Samples a sweep reads, skipped ones included. */
  readonly count: number;
  /** The samples of all shards together. */
  readonly total: number;
  readonly labelled: boolean;
  /** Names of the class folders in the order of their index. */
  readonly classes?: string[];
  readonly batchSize: number;
  /** The shape of every feed, batch first: what the model's symbolic dimensions are with this data. */
  readonly shapes: ReadonlyMap<string, Shape>;
  /** What all shards have in common, a line each: preprocessing, seed, batches, and all samples in their order. */
  identity(): string[];
  /** Images skipped so far, in the order of their names. */
  skipped(): Skipped[];
  readonly batches: Batches;
};

/**
 * Opens the data for a model: lists files, reads the preprocessing and one sample, so that most faults show
 * here and not within a sweep. Nothing is kept in memory; a sweep reads ahead by about two batches.
 * @throws ConfigError for a wrong path, option, label or preprocessing file, images that do not fit the
 * model, or fewer samples than `count`.
 * @throws ModelError for damaged or unsuitable tensors, or where no image can be read.
 *
 * ```ts
 * const data = await openDataset({ sources: [{ path: "images" }], inputs, modelPath: "model.onnx" });
 * for await (const { feeds, labels } of data.batches()) console.log(feeds.get("input")!.shape, labels);
 * ```
 */
export async function openDataset(options: DatasetOptions): Promise<Dataset> {
  for (const key of ["count", "batchSize"] as const) refuseBadCount(key, options[key]);
  const batchWanted = fixedBatch(options.inputs) ?? options.batchSize ?? 8;
  const steps = options.random ? undefined : await loadPreprocessor(options.preprocess, options.modelPath);
  const sources = await openSources(options, options.count ?? batchWanted, steps);
  const total = totalOf(sources, options.count);
  const labels = sources.find((source) => source.labels)?.labels;
  const all = chooseSamples(
    total,
    options.count ?? total,
    options.sample ?? "random",
    options.seed ?? 0,
    labels,
  );
  const batchSize = fixedBatch(options.inputs) ?? Math.min(batchWanted, all.length);
  const order = options.shard ? shardOf(all, batchSize, options.shard) : all;
  const reader = readerOf(sources, labels);
  const shapes = await firstShapes(reader, order);
  return {
    count: order.length,
    total: all.length,
    labelled: labels !== undefined && order.some((index) => labels[index] !== undefined),
    classes: sources.find((source) => source.classes)?.classes?.slice(),
    batchSize,
    shapes: new Map([...shapes].map(([name, shape]) => [name, [batchSize, ...shape]])),
    identity: () => [
      JSON.stringify(steps ?? "random"),
      `seed ${options.seed ?? 0}, batches of ${batchSize}`,
      ...all.map((index) => sources.map((source) => shortName(source, index)).join(" ")),
    ],
    skipped: () => inOrderOfNames(reader.skipped.values()),
    batches: () => sweep(reader, order, shapes, batchSize),
  };
}

function refuseBadCount(key: string, value: number | undefined): void {
  if (value === undefined || (Number.isInteger(value) && value > 0)) return;
  throw new ConfigError(`Cannot open the data: "${key}" is ${value}, expected a whole number from 1`);
}

function fixedBatch(inputs: readonly ModelInput[]): number | undefined {
  const fixed = [...new Set(inputs.map(({ shape }) => shape[0]).filter((dim) => typeof dim === "number"))];
  if (fixed.length > 1) {
    throw new UnsupportedError(
      `Cannot make batches: the inputs have first dimensions ${fixed.join(" and ")}, expected one`,
    );
  }
  return fixed[0];
}

async function openSources(
  options: DatasetOptions,
  randomCount: number,
  steps: Preprocessor | undefined,
): Promise<Source[]> {
  const { sources, inputs, labels, seed = 0 } = options;
  if (!steps) return [randomSource(inputs, randomCount, seed)];
  const assigned = assignInputs(sources, inputs);
  return Promise.all(
    sources.map(({ path }, i) =>
      path === "random"
        ? randomSource(assigned[i], randomCount, seed)
        : openSource(path, assigned[i], steps, i === 0 ? labels : undefined)
    ),
  );
}

/** Without the folder, which may be mounted elsewhere on another machine. */
function shortName(source: Source, index: number): string {
  const name = source.nameOf(index);
  return name.startsWith(source.path) ? name.slice(source.path.length) : name;
}

function totalOf(sources: readonly Source[], count: number | undefined): number {
  const [first, ...others] = sources;
  for (const other of others) {
    if (other.count === first.count) continue;
    throw new ConfigError(
      `Cannot join "${first.path}" and "${other.path}": they have ${first.count} and ${other.count} samples, ` +
        `expected as many in both`,
    );
  }
  if (first.count === 0) {
    throw new ModelError(`Cannot open data "${first.path}": it has no samples, expected at least one`);
  }
  if (count !== undefined && count > first.count) {
    throw new ConfigError(
      `Cannot take a subset of "${first.path}": it has ${first.count} ${first.kind}, ` +
        `--subset-len asks for ${count}`,
    );
  }
  return first.count;
}

type Reader = {
  readonly skipped: Map<string, Skipped>;
  nameOf(index: number): string;
  /** A sample of all inputs; undefined where an image of it was skipped. */
  read(index: number): Promise<Labelled | undefined>;
};

function readerOf(sources: readonly Source[], labels: Source["labels"]): Reader {
  const skipped = new Map<string, Skipped>();
  const read = async (index: number) => {
    const parts = await Promise.all(sources.map((source) => source.read(index)));
    const tensors = new Map<string, Tensor>();
    let whole = true;
    for (const part of parts) {
      if ("why" in part) skipped.set(part.file, part);
      else for (const [name, tensor] of part.tensors) tensors.set(name, tensor);
      whole &&= !("why" in part);
    }
    return whole ? { tensors, label: labels?.[index] } : undefined;
  };
  return { skipped, nameOf: (index) => sources[0].nameOf(index), read };
}

/** Shapes without batch, from the first sample that can be read. */
async function firstShapes(reader: Reader, order: readonly number[]): Promise<Map<string, Shape>> {
  for await (const sample of ahead(order, 1, (index) => reader.read(index))) {
    if (sample) return new Map([...sample.tensors].map(([name, { shape }]) => [name, shape]));
  }
  throw nothingReadable(reader, order.length);
}

function nothingReadable(reader: Reader, count: number): ModelError {
  // Images are read side by side: the first in name, not in time.
  const [first] = inOrderOfNames(reader.skipped.values());
  return new ModelError(`Cannot read any of ${count} images: the first is "${first.file}" (${first.why})`);
}

async function* sweep(
  reader: Reader,
  order: readonly number[],
  shapes: ReadonlyMap<string, Shape>,
  batchSize: number,
): AsyncGenerator<Batch> {
  let samples: Labelled[] = [];
  let count = 0;
  const load = async (index: number) => {
    const sample = await reader.read(index);
    if (sample) refuseOtherShapes(sample, shapes, reader.nameOf(index));
    return sample;
  };
  for await (const sample of ahead(order, loadsAhead(batchSize, shapes), load)) {
    if (!sample) continue;
    samples.push(sample);
    count++;
    if (samples.length < batchSize) continue;
    yield stack(samples, batchSize);
    samples = [];
  }
  if (samples.length > 0) yield stack(samples, batchSize);
  if (count === 0) throw nothingReadable(reader, order.length);
}

/** Of samples that wait for their batch. */
const mostAheadBytes = 2 ** 28;

/** Two batches, but enough to keep four decoding threads busy and at most 32 pictures under way. */
function loadsAhead(batchSize: number, shapes: ReadonlyMap<string, Shape>): number {
  const bytes = [...shapes.values()].reduce((sum, shape) => sum + 4 * elementCount(shape), 1);
  return Math.max(1, Math.min(Math.max(2 * batchSize, 4), 32, Math.floor(mostAheadBytes / bytes)));
}

function refuseOtherShapes(sample: Labelled, shapes: ReadonlyMap<string, Shape>, file: string): void {
  for (const [name, { shape }] of sample.tensors) {
    const first = shapes.get(name)!;
    if (sameShape(shape, first)) continue;
    throw new ConfigError(
      `Cannot put "${file}" into a batch: input "${name}" is [${shape}], earlier samples are [${first}]; ` +
        `bring all samples to one size, images by "size" or "crop_size" in the preprocessing`,
    );
  }
}

function inOrderOfNames(skipped: Iterable<Skipped>): Skipped[] {
  return [...skipped].sort((a, b) => (a.file < b.file ? -1 : 1));
}
