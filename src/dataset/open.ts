// Files in, batches out: a model's data set as a stream that can be swept repeatedly.
import { ConfigError, ModelError } from "../error.ts";
import type { Batches } from "../plan/machine.ts";
import type { Shape } from "../tensor/shape.ts";
import { stack } from "./batch.ts";
import { type BatchAxes, batchAxesOf, type GivenAxes } from "./batch_axis.ts";
import { type States, zeroStates } from "./chain.ts";
import { type BatchLayout, layoutOf } from "./layout.ts";
import { assignInputs, openSource, type SourcePath } from "./locate.ts";
import { loadPreprocessor, type Preprocessor } from "./preprocessor.ts";
import { randomSource } from "./random_source.ts";
import { firstSample, inOrderOfNames, readerOf, type Skipped, sweep } from "./reader.ts";
import type { ModelInput, Source } from "./source.ts";
import { chooseSamples, type Sampling, type Shard, shardOf } from "./subset.ts";

export type DatasetOptions = {
  /** A folder, an image, a .npy, a .npz, or "random"; with several inputs, a path for each or one .npz. */
  readonly sources: readonly SourcePath[];
  readonly inputs: readonly ModelInput[];
  /** The model file; preprocessing is looked up beside it. */
  readonly modelPath?: string;
  /** A Hugging Face image-processor file; by default see `loadPreprocessor`. Applies to images, not to tensors. */
  readonly preprocess?: string;
  /** Lines `FILE INDEX`, for the files of the first source. */
  readonly labels?: string;
  /** The number of samples; all by default (random data: one batch). */
  readonly count?: number;
  /** Which samples are taken, in which order, see `chooseSamples`; "random" by default. */
  readonly sample?: Sampling;
  readonly seed?: number;
  /** 8 by default; the model's own if that is fixed, 1 if samples cannot be stacked. */
  readonly batchSize?: number;
  /** Batch axes by input, overriding `batchAxesOf`. */
  readonly batchAxes?: GivenAxes;
  /**
   * Recurrent inputs by name, with the output that feeds them: each file is a recording, in order. A state that the
   * data do not contain starts with zeros.
   */
  readonly chain?: States;
  /** Standard normal numbers for every input, as the path "random". */
  readonly random?: boolean;
  /** Only this part of the samples. */
  readonly shard?: Shard;
};

export type Dataset = {
  /** Samples that a sweep reads, skipped ones included. */
  readonly count: number;
  /** The samples of all shards together. */
  readonly total: number;
  readonly labelled: boolean;
  /** Names of the class folders by index. */
  readonly classes?: string[];
  readonly batchSize: number;
  /** Inputs that are stacked, and along which axis. */
  readonly batchAxes: BatchAxes;
  /** Recurrent inputs and the outputs that feed them. */
  readonly chain: States;
  /** The shape of every feed, which fixes the model's symbolic dimensions. */
  readonly shapes: ReadonlyMap<string, Shape>;
  /** What all shards have in common, one item per line: preprocessing, seed, batches, and all samples in order. */
  identity(): string[];
  /** Images skipped so far, by name. */
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
  const { chain = new Map(), seed = 0 } = options;
  if (chain.size > 0) refuseBrokenChain(options);
  const inputs = options.inputs.map((one) => chain.has(one.name) ? { ...one, optional: true } : one);
  const axes = batchAxesOf(inputs, options.batchAxes);
  const most = chain.size > 0 ? 1 : options.batchSize ?? 8;
  const steps = options.random ? undefined : await loadPreprocessor(options.preprocess, options.modelPath);
  const sources = await openSources({ ...options, inputs }, axes, most, steps);
  const total = totalOf(sources, options.count);
  const labels = sources.find((source) => source.labels)?.labels;
  const sampling = chain.size > 0 ? "first" : options.sample ?? "random";
  const all = chooseSamples(total, options.count ?? total, sampling, seed, labels);
  const fed = sources.flatMap((source) =>
    source.inputs.map((one) => ({ ...one, servesAll: one.servesAll || source.count < total }))
  );
  const layout = layoutOf(inputs, axes, fed, Math.min(most, all.length));
  if (chain.size > 0) requireSingle(layout);
  const order = options.shard ? shardOf(all, layout.size, options.shard) : all;
  const reader = readerOf(sources, total, labels);
  const first = await firstSample(reader, order);
  const shapes = new Map([...first.tensors].map(([name, { shape }]) => [name, shape]));
  const feeds = [...stack([first], layout).feeds];
  return {
    count: order.length,
    total: all.length,
    labelled: labels !== undefined && order.some((index) => labels[index] !== undefined),
    classes: sources.find((source) => source.classes)?.classes?.slice(),
    batchSize: layout.size,
    batchAxes: new Map([...layout.places].map(([name, { axis }]) => [name, axis])),
    chain,
    shapes: new Map(feeds.map(([name, { shape }]) => [name, shape])),
    identity: () => [
      JSON.stringify(steps ?? "random"),
      `seed ${seed}, batches of ${layout.size}`,
      ...chain.size > 0 ? [`chain ${JSON.stringify([...chain])}`] : [],
      ...options.batchAxes?.size ? [`batch axes ${JSON.stringify([...axes])}`] : [],
      ...all.map((index) => sources.map((source) => shortName(source, index)).join(" ")),
    ],
    skipped: () => inOrderOfNames(reader.skipped.values()),
    batches: () => sweep(reader, { order, shapes, layout, states: chain }),
  };
}

function refuseBrokenChain({ shard, sample, count }: DatasetOptions): void {
  if (shard) {
    throw new ConfigError(
      "Cannot measure a shard of a chain: its states come from the previous shard; leave out --shard or --chain",
    );
  }
  if (sample === "random" && count !== undefined) {
    throw new ConfigError(
      "Cannot chain samples drawn at random: expected them in the order of their files, --sample first",
    );
  }
}

function requireSingle({ size }: BatchLayout): void {
  if (size === 1) return;
  throw new ConfigError(
    `Cannot chain batches of ${size} samples: the model's batch is fixed at that, expected a batch of one`,
  );
}

function refuseBadCount(key: string, value: number | undefined): void {
  if (value === undefined || (Number.isInteger(value) && value > 0)) return;
  throw new ConfigError(`Cannot open the data: "${key}" is ${value}, expected a whole number from 1`);
}

async function openSources(
  options: DatasetOptions,
  axes: BatchAxes,
  randomCount: number,
  steps: Preprocessor | undefined,
): Promise<Source[]> {
  const { sources, inputs, labels, count, seed = 0 } = options;
  const random = (inputs: readonly ModelInput[]) => {
    const fixed = inputs.map(({ name, shape }) => shape[axes.get(name) ?? -1]);
    const batch = fixed.find((dim) => typeof dim === "number");
    return randomSource(inputs, axes, count ?? batch ?? randomCount, seed);
  };
  if (!steps) return [random(inputs)];
  const assigned = assignInputs(sources, inputs);
  const opened = await Promise.all(
    sources.map(({ path }, i) =>
      path === "random"
        ? random(assigned[i])
        : openSource(path, assigned[i], axes, steps, i === 0 ? labels : undefined)
    ),
  );
  const fed = new Set(opened.flatMap((source) => source.inputs.map(({ name }) => name)));
  const absent = inputs.filter(({ name, optional }) => optional && !fed.has(name));
  return absent.length > 0 ? [...opened, zeroStates(absent, axes)] : opened;
}

/** The path without the folder, which may be mounted elsewhere on another machine. */
function shortName(source: Source, index: number): string {
  const name = source.nameOf(source.count === 1 ? 0 : index);
  return name.startsWith(source.path) ? name.slice(source.path.length) : name;
}

/** The number of samples that the sources share; a single sample serves all of the others. */
function totalOf(sources: readonly Source[], count: number | undefined): number {
  const first = sources.find((source) => source.count !== 1) ?? sources[0];
  for (const other of sources) {
    if (other.count === first.count || other.count === 1) continue;
    throw new ConfigError(
      `Cannot join "${first.path}" and "${other.path}": they have ${first.count} and ${other.count} samples, ` +
        `expected as many in both, or one that serves all`,
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
