// Samples of all sources together, one by one and in batches.
import { ConfigError, ModelError } from "../error.ts";
import type { Batch } from "../plan/machine.ts";
import { elementCount, sameShape, type Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { loadAhead } from "./ahead.ts";
import { type LabelledSample, stack } from "./batch.ts";
import { chainBatch, type States } from "./chain.ts";
import type { BatchLayout } from "./layout.ts";
import type { Source } from "./source.ts";

/** An image that could not be read. */
export type Skipped = { readonly file: string; readonly why: string };

export type Reader = {
  readonly skipped: Map<string, Skipped>;
  /** Images are resized to one size; arrays may have any length that their input leaves open. */
  readonly isOneSize: boolean;
  nameOf(index: number): string;
  /** A sample of all inputs; undefined if one of its images was skipped. */
  read(index: number): Promise<LabelledSample | undefined>;
};

export function readerOf(sources: readonly Source[], total: number, labels: Source["labels"]): Reader {
  const skipped = new Map<string, Skipped>();
  const main = sources.find(({ count }) => count === total)!;
  const read = async (index: number) => {
    const parts = await Promise.all(sources.map((source) => source.read(source.count === 1 ? 0 : index)));
    const tensors = new Map<string, Tensor>();
    let whole = true;
    for (const part of parts) {
      if ("why" in part) skipped.set(part.file, part);
      else for (const [name, tensor] of part.tensors) tensors.set(name, tensor);
      whole &&= !("why" in part);
    }
    return whole ? { tensors, label: labels?.[index] } : undefined;
  };
  const isOneSize = sources.some(({ kind }) => kind === "images");
  return { skipped, isOneSize, nameOf: (index) => main.nameOf(index), read };
}

export async function firstSample(reader: Reader, order: readonly number[]): Promise<LabelledSample> {
  for await (const sample of loadAhead(order, 1, (index) => reader.read(index))) if (sample) return sample;
  throw nothingReadable(reader, order.length);
}

function nothingReadable(reader: Reader, count: number): ModelError {
  // Images are read in parallel: report the first by name, not by time.
  const [first] = inOrderOfNames(reader.skipped.values());
  return new ModelError(`Cannot read any of ${count} images: the first is "${first.file}" (${first.why})`);
}

export type Sweep = {
  readonly order: readonly number[];
  /** Shapes of a sample by input. */
  readonly shapes: ReadonlyMap<string, Shape>;
  readonly layout: BatchLayout;
  readonly states: States;
};

export async function* sweep(
  reader: Reader,
  { order, shapes, layout, states }: Sweep,
): AsyncGenerator<Batch> {
  let samples: LabelledSample[] = [];
  let [count, recording] = [0, ""];
  const load = async (index: number) => {
    const [sample, file] = [await reader.read(index), reader.nameOf(index)];
    if (sample && reader.isOneSize) refuseOtherShapes(sample, shapes, file);
    return sample && { sample, file };
  };
  for await (const found of loadAhead(order, loadsAhead(layout.size, shapes), load)) {
    if (!found) continue;
    // An array of another length starts a new batch.
    if (samples.length > 0 && !haveOneShape(samples[0], found.sample)) {
      yield stack(samples, layout);
      samples = [];
    }
    samples.push(found.sample);
    count++;
    if (samples.length < layout.size) continue;
    yield chainBatch(stack(samples, layout), states, found.file !== recording);
    [samples, recording] = [[], found.file];
  }
  if (samples.length > 0) yield stack(samples, layout);
  if (count === 0) throw nothingReadable(reader, order.length);
}

/** Samples waiting for their batch. */
const mostAheadBytes = 2 ** 28;

/** Two batches, but enough to keep four decoding threads busy, and at most 32 images in flight. */
function loadsAhead(batchSize: number, shapes: ReadonlyMap<string, Shape>): number {
  const bytes = [...shapes.values()].reduce((sum, shape) => sum + 4 * elementCount(shape), 1);
  return Math.max(1, Math.min(Math.max(2 * batchSize, 4), 32, Math.floor(mostAheadBytes / bytes)));
}

function haveOneShape(a: LabelledSample, b: LabelledSample): boolean {
  return [...a.tensors].every(([name, { shape }]) => sameShape(shape, b.tensors.get(name)!.shape));
}

function refuseOtherShapes(sample: LabelledSample, shapes: ReadonlyMap<string, Shape>, file: string): void {
  for (const [name, { shape }] of sample.tensors) {
    const first = shapes.get(name)!;
    if (sameShape(shape, first)) continue;
    throw new ConfigError(
      `Cannot put "${file}" into a batch: input "${name}" is [${shape}], earlier samples are [${first}]; ` +
        `make all samples the same size, images by "size" or "crop_size" in the preprocessing`,
    );
  }
}

export function inOrderOfNames(skipped: Iterable<Skipped>): Skipped[] {
  return [...skipped].sort((a, b) => (a.file < b.file ? -1 : 1));
}
