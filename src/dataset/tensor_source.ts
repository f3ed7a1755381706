// .npy and .npz files as samples: ready model inputs, one sample or one batch per file, without preprocessing.
import { open, readdir, readFile } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { ConfigError, ModelError } from "../error.ts";
import { rangeAt } from "../tensor/stack.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type ArrayFit, fitArray } from "./array_fit.ts";
import type { BatchAxes } from "./batch_axis.ts";
import { convert } from "./convert.ts";
import { labelsFor, readLabels } from "./labels.ts";
import { headerBytesMax, nativeBytes, readNpy, readNpyHeader } from "./npy.ts";
import { readNpz } from "./npz.ts";
import { requireRegular } from "./regular_file.ts";
import { inOrder, type ModelInput, type Source, type SourceInput } from "./source.ts";

type Tensors = ReadonlyMap<string, Tensor>;
type TensorFile = {
  readonly file: string;
  readonly count: number;
  /** Of the inputs that the file contains. */
  readonly fits: ReadonlyMap<string, ArrayFit>;
  read(index: number): Promise<Tensors>;
};

export function isTensorFile(file: string): boolean {
  return [".npy", ".npz"].includes(extname(file).toLowerCase());
}

/** The .npy and .npz files of a folder. */
export async function listTensorFiles(folder: string): Promise<string[]> {
  return inOrder(await readdir(folder)).filter((name) => isTensorFile(name) && !name.startsWith("."))
    .map((name) => join(folder, name));
}

/** The samples of all files in turn. A .npy feeds the only input, a .npz each input that it has an array for. */
export async function tensorSource(
  path: string,
  files: readonly string[],
  inputs: readonly ModelInput[],
  axes: BatchAxes,
  labelFile?: string,
): Promise<Source> {
  const load = keepLastFile();
  for (const file of files) await requireRegular(file);
  const opened: TensorFile[] = [];
  for (const file of files) {
    opened.push(
      extname(file).toLowerCase() === ".npz"
        ? await openNpz(file, inputs, axes, load)
        : await openNpy(file, inputs, axes, load),
    );
  }
  const owners = opened.flatMap((file) =>
    Array.from({ length: file.count }, (_, index) => ({ file, index }))
  );
  return {
    path,
    kind: "samples",
    inputs: inputsOf(opened),
    count: owners.length,
    labels: labelFile === undefined ? undefined : await labelsOf(opened, labelFile),
    nameOf: (index) => owners[index].file.file,
    read: async (index) => ({ tensors: await owners[index].file.read(owners[index].index) }),
  };
}

/** @throws ModelError if files hold the inputs in different forms. */
function inputsOf(files: readonly TensorFile[]): SourceInput[] {
  const [first, ...others] = files;
  return [...first.fits].map(([name, { whole, count }]) => {
    const other = others.find(({ fits }) => fits.get(name)?.whole !== whole);
    if (other) {
      throw new ModelError(
        `Cannot read "${other.file}" after "${first.file}": they hold input "${name}" in different forms, expected ` +
          "arrays of one form",
      );
    }
    return { name, whole, servesAll: files.length === 1 && count < first.count };
  });
}

async function labelsOf(files: readonly TensorFile[], labelFile: string): Promise<(number | undefined)[]> {
  const many = files.find(({ count }) => count !== 1);
  if (many) {
    throw new ConfigError(
      `Cannot use labels "${labelFile}": "${many.file}" has ${many.count} samples, expected one per file`,
    );
  }
  return labelsFor(files.map(({ file }) => basename(file)), await readLabels(labelFile), labelFile);
}

/** Keeps one whole file: samples are read in the order of the files. */
function keepLastFile(): (file: string, load: () => Promise<Tensors>) => Promise<Tensors> {
  let kept: { file: string; tensors: Promise<Tensors> } | undefined;
  return (file, load) => {
    if (kept?.file !== file) kept = { file, tensors: load() };
    return kept.tensors;
  };
}

type LoadFile = ReturnType<typeof keepLastFile>;

async function openNpy(
  file: string,
  inputs: readonly ModelInput[],
  axes: BatchAxes,
  load: LoadFile,
): Promise<TensorFile> {
  const needed = inputs.length === 1 ? inputs : inputs.filter(({ optional }) => !optional);
  if (needed.length !== 1) {
    const names = inputs.map(({ name }) => `"${name}"`).join(", ");
    throw new ConfigError(
      `Cannot feed "${file}": the model has the inputs ${names}; give each its own, --data NAME=PATH`,
    );
  }
  const [input] = needed;
  const { name } = input;
  const header = await headerOf(file);
  const fit = fitArray(header, input, axes.get(name), `array "${file}"`);
  const { count, sampleAxis, sample: shape } = fit;
  const fits = new Map([[name, fit]]);
  if (header.fortran || sampleAxis) {
    const whole = async () => new Map([[name, readNpy(await bytesOf(file), file)]]);
    const read = async (index: number) =>
      new Map([[name, sampleAt((await load(file, whole)).get(name)!, fit, index, input, file)]]);
    return { file, count, fits, read };
  }
  const bytes = (header.fileBytes - header.offset) / Math.max(count, 1);
  const read = async (index: number) => {
    const raw = await readPart(file, header.offset + index * bytes, bytes);
    const sample: Tensor = { dtype: header.dtype, shape, bytes: nativeBytes(raw, header) };
    return new Map([[name, convert(sample, input.dtype, placeOf(file, count, index))]]);
  };
  return { file, count, fits, read };
}

async function openNpz(
  file: string,
  inputs: readonly ModelInput[],
  axes: BatchAxes,
  load: LoadFile,
): Promise<TensorFile> {
  const names = inputs.map(({ name }) => name);
  const whole = async () => arraysFor(inputs, readNpz(await bytesOf(file), file, names), file);
  const tensors = await load(file, whole);
  const held = inputs.filter(({ name }) => tensors.has(name));
  const fits = new Map(held.map((input) => {
    const { name } = input;
    return [name, fitArray(tensors.get(name)!, input, axes.get(name), `array "${file}/${name}"`)];
  }));
  // An array of one sample serves all samples of the others.
  const counts = [...new Set([...fits.values()].map(({ count }) => count))];
  const several = counts.filter((count) => count !== 1);
  if (several.length > 1) {
    const found = held.map(({ name }) => `${fits.get(name)!.count} of "${name}"`).join(", ");
    throw new ModelError(
      `Cannot read arrays "${file}": they hold ${found}, expected as many samples of each, or one that serves all`,
    );
  }
  const read = async (index: number) => {
    const arrays = await load(file, whole);
    return new Map(held.map((input) => {
      const { name } = input;
      return [name, sampleAt(arrays.get(name)!, fits.get(name)!, index, input, `${file}/${name}`)];
    }));
  };
  return { file, count: several[0] ?? 1, fits, read };
}

function arraysFor(inputs: readonly ModelInput[], arrays: Tensors, file: string): Tensors {
  const needed = inputs.filter(({ optional }) => !optional);
  const isAlone = needed.length === 1 && arrays.size === 1;
  return new Map(inputs.flatMap((input) => {
    if (input.optional && !arrays.has(input.name)) return [];
    return [[input.name, arrayFor(input, arrays, isAlone, file)] as const];
  }));
}

function arrayFor(input: ModelInput, arrays: Tensors, alone: boolean, file: string): Tensor {
  const found = arrays.get(input.name) ?? (alone && arrays.size === 1 ? [...arrays.values()][0] : undefined);
  if (found) return found;
  const names = [...arrays.keys()].map((name) => `"${name}"`).join(", ");
  throw new ModelError(`Cannot read arrays "${file}": it holds ${names}, expected one named "${input.name}"`);
}

/** Sample `index` of the array, without its batch axis if it has one. */
function sampleAt(array: Tensor, fit: ArrayFit, index: number, input: ModelInput, place: string): Tensor {
  const at = fit.count === 1 ? 0 : index;
  const sample = fit.sampleAxis === undefined ? array : rangeAt(array, fit.sampleAxis, at, 1);
  return convert({ ...sample, shape: fit.sample }, input.dtype, placeOf(place, fit.count, at));
}

function placeOf(file: string, count: number, index: number): string {
  return count === 1 ? `array "${file}"` : `sample ${index} of array "${file}"`;
}

async function headerOf(file: string): Promise<ReturnType<typeof readNpyHeader> & { fileBytes: number }> {
  const handle = await open(file);
  try {
    const { size: fileBytes } = await handle.stat();
    const start = new Uint8Array(Math.min(fileBytes, headerBytesMax));
    const { bytesRead } = await handle.read(start, 0, start.length, 0);
    return { ...readNpyHeader(start.subarray(0, bytesRead), fileBytes, file), fileBytes };
  } finally {
    await handle.close();
  }
}

async function readPart(file: string, offset: number, length: number): Promise<Uint8Array> {
  const part = new Uint8Array(length);
  const handle = await open(file);
  try {
    for (let done = 0; done < length;) {
      const { bytesRead } = await handle.read(part, done, length - done, offset + done);
      if (bytesRead === 0) {
        throw new ModelError(`Cannot read array "${file}": it ended early, expected ${length} more bytes`);
      }
      done += bytesRead;
    }
  } finally {
    await handle.close();
  }
  return part;
}

/** A plain Uint8Array: the `slice` of Node's Buffer would share memory. */
async function bytesOf(file: string): Promise<Uint8Array> {
  const { buffer, byteOffset, byteLength } = await readFile(file);
  return new Uint8Array(buffer, byteOffset, byteLength);
}
