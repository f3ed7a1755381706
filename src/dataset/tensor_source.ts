// .npy and .npz files as samples: ready model input, one sample or one batch a file, no preprocessing.
import { open, readdir, readFile } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { ConfigError, ModelError } from "../error.ts";
import type { DType } from "../tensor/dtype.ts";
import type { Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { convert, convertible } from "./convert.ts";
import { labelsFor, readLabels } from "./labels.ts";
import { headerBytesMax, nativeBytes, readNpy, readNpyHeader } from "./npy.ts";
import { readNpz } from "./npz.ts";
import { requireRegular } from "./regular_file.ts";
import { inOrder, type ModelInput, type Source } from "./source.ts";

type Tensors = ReadonlyMap<string, Tensor>;
type TensorFile = { readonly file: string; readonly count: number; read(index: number): Promise<Tensors> };

export function isTensorFile(file: string): boolean {
  return [".npy", ".npz"].includes(extname(file).toLowerCase());
}

/** The .npy and .npz files of a folder. */
export async function listTensorFiles(folder: string): Promise<string[]> {
  return inOrder(await readdir(folder)).filter((name) => isTensorFile(name) && !name.startsWith("."))
    .map((name) => join(folder, name));
}

/** Samples of the files in turn. A .npy feeds the one input, a .npz each input whose name it holds. */
export async function tensorSource(
  path: string,
  files: readonly string[],
  inputs: readonly ModelInput[],
  labelFile?: string,
): Promise<Source> {
  const load = lastLoaded();
  for (const file of files) await requireRegular(file);
  const opened: TensorFile[] = [];
  for (const file of files) {
    opened.push(
      extname(file).toLowerCase() === ".npz"
        ? await openNpz(file, inputs, load)
        : await openNpy(file, inputs, load),
    );
  }
  const owners = opened.flatMap((file) =>
    Array.from({ length: file.count }, (_, index) => ({ file, index }))
  );
  return {
    path,
    kind: "samples",
    inputs: inputs.map(({ name }) => name),
    count: owners.length,
    labels: labelFile === undefined ? undefined : await labelsOf(opened, labelFile),
    nameOf: (index) => owners[index].file.file,
    read: async (index) => ({ tensors: await owners[index].file.read(owners[index].index) }),
  };
}

async function labelsOf(files: readonly TensorFile[], labelFile: string): Promise<(number | undefined)[]> {
  const many = files.find(({ count }) => count !== 1);
  if (many) {
    throw new ConfigError(
      `Cannot use labels "${labelFile}": "${many.file}" has ${many.count} samples, expected one a file`,
    );
  }
  return labelsFor(files.map(({ file }) => basename(file)), await readLabels(labelFile), labelFile);
}

/** Whole files are kept one at a time: samples are read in the order of the files. */
function lastLoaded(): (file: string, load: () => Promise<Tensors>) => Promise<Tensors> {
  let kept: { file: string; tensors: Promise<Tensors> } | undefined;
  return (file, load) => {
    if (kept?.file !== file) kept = { file, tensors: load() };
    return kept.tensors;
  };
}

type Load = ReturnType<typeof lastLoaded>;

async function openNpy(file: string, inputs: readonly ModelInput[], load: Load): Promise<TensorFile> {
  if (inputs.length !== 1) {
    const names = inputs.map(({ name }) => `"${name}"`).join(", ");
    throw new ConfigError(
      `Cannot feed "${file}": the model has the inputs ${names}; give each its own, --data NAME=PATH`,
    );
  }
  const [input] = inputs;
  const header = await headerOf(file);
  const count = samplesIn(header, input, `array "${file}"`);
  if (header.fortran) {
    const whole = async () => new Map([[input.name, readNpy(await bytesOf(file), file)]]);
    return { file, count, read: async (index) => picked(await load(file, whole), index, inputs, file) };
  }
  const shape = sampleShape(header.shape, input);
  const bytes = (header.fileBytes - header.offset) / Math.max(count, 1);
  const read = async (index: number) => {
    const raw = await readPart(file, header.offset + index * bytes, bytes);
    const sample: Tensor = { dtype: header.dtype, shape, bytes: nativeBytes(raw, header) };
    return new Map([[input.name, convert(sample, input.dtype, placeOf(file, count, index))]]);
  };
  return { file, count, read };
}

async function openNpz(file: string, inputs: readonly ModelInput[], load: Load): Promise<TensorFile> {
  const whole = async () => {
    const names = inputs.map(({ name }) => name);
    const arrays = readNpz(await bytesOf(file), file, names);
    return new Map(inputs.map((input) => [input.name, arrayFor(input, arrays, inputs.length === 1, file)]));
  };
  const tensors = await load(file, whole);
  const counts = inputs.map((input) =>
    samplesIn(tensors.get(input.name)!, input, `array "${file}/${input.name}"`)
  );
  if (counts.some((count) => count !== counts[0])) {
    throw new ModelError(
      `Cannot read arrays "${file}": they hold ${counts.join(" and ")} samples, expected as many each`,
    );
  }
  return {
    file,
    count: counts[0],
    read: async (index) => picked(await load(file, whole), index, inputs, file),
  };
}

function arrayFor(input: ModelInput, arrays: Tensors, alone: boolean, file: string): Tensor {
  const found = arrays.get(input.name) ?? (alone && arrays.size === 1 ? [...arrays.values()][0] : undefined);
  if (found) return found;
  const names = [...arrays.keys()].map((name) => `"${name}"`).join(", ");
  throw new ModelError(`Cannot read arrays "${file}": it holds ${names}, expected one named "${input.name}"`);
}

/** Of elements that take no bytes there may be any number. */
const mostSamples = 2 ** 24;

/** How many samples an array holds. @throws ModelError where its type or shape is not the input's. */
function samplesIn(
  { dtype, shape }: { dtype: DType; shape: Shape },
  input: ModelInput,
  place: string,
): number {
  if (!convertible(dtype, input.dtype)) {
    throw new ModelError(
      `Cannot feed ${place} to input "${input.name}": it is ${dtype}, expected ${input.dtype}; use astype()`,
    );
  }
  const sample = sampleShape(shape, input);
  const wanted = input.shape.slice(1);
  if (
    sample.length !== wanted.length || wanted.some((dim, i) => typeof dim === "number" && dim !== sample[i])
  ) {
    throw new ModelError(
      `Cannot feed ${place} to input "${input.name}": its shape is [${shape}], ` +
        `expected [N,${wanted}] for N samples or [${wanted}] for one`,
    );
  }
  const count = sample.length === shape.length ? 1 : shape[0];
  if (count <= mostSamples) return count;
  throw new ModelError(
    `Cannot feed ${place} to input "${input.name}": it has ${count} samples, expected at most ${mostSamples}`,
  );
}

/** The shape without the batch, which a file of one sample leaves out. */
function sampleShape(shape: Shape, input: ModelInput): Shape {
  return shape.length === input.shape.length ? shape.slice(1) : shape;
}

function picked(tensors: Tensors, index: number, inputs: readonly ModelInput[], file: string): Tensors {
  return new Map(inputs.map((input) => {
    const { dtype, shape: whole, bytes } = tensors.get(input.name)!;
    const shape = sampleShape(whole, input);
    const count = shape.length === whole.length ? 1 : whole[0];
    const length = bytes.length / count;
    const sample = { dtype, shape, bytes: bytes.subarray(index * length, (index + 1) * length) };
    return [input.name, convert(sample, input.dtype, placeOf(`${file}/${input.name}`, count, index))];
  }));
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
