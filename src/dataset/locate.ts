// Finds out what is at a path, and which inputs of the model it feeds.
import { readdir, stat } from "node:fs/promises";
import { ConfigError } from "../error.ts";
import { nearestWord } from "../files/nearest.ts";
import { type BatchAxes, inputText } from "./batch_axis.ts";
import { imageFile, imageFolder, isImage, listImages } from "./image_source.ts";
import type { Preprocessor } from "./preprocessor.ts";
import type { ModelInput, Source } from "./source.ts";
import { isTensorFile, listTensorFiles, tensorSource } from "./tensor_source.ts";

/** A path and the input it feeds; without an input it feeds the whole model. */
export type SourcePath = { readonly input?: string; readonly path: string };

/** The inputs of each source. @throws ConfigError unless every input is fed exactly once. */
export function assignInputs(sources: readonly SourcePath[], inputs: readonly ModelInput[]): ModelInput[][] {
  const names = inputs.map(({ name }) => name);
  if (sources.length === 0) {
    throw new ConfigError("Cannot open the data: no path is given, expected --data PATH");
  }
  if (sources.length === 1 && sources[0].input === undefined) return [[...inputs]];
  const assigned = sources.map(({ input, path }) => {
    if (input === undefined) {
      throw new ConfigError(
        `Cannot open "${path}": several paths are given, expected --data NAME=PATH for each`,
      );
    }
    const found = inputs.find(({ name }) => name === input);
    if (found) return [found];
    const near = nearestWord(input, names);
    throw new ConfigError(
      `Cannot feed "${path}" to input "${input}": the model's inputs are ${quoteList(names)}` +
        `${near ? `, did you mean "${near}"` : ""}`,
    );
  });
  for (const { name, optional } of inputs) {
    const paths = sources.filter(({ input }) => input === name);
    if (paths.length === 1 || (optional && paths.length === 0)) continue;
    throw new ConfigError(
      `Cannot open the data: input "${name}" has ${paths.length} paths, expected one: --data ${name}=PATH`,
    );
  }
  return assigned;
}

/** Opens a path: a folder or file of images or tensors. */
export async function openSource(
  path: string,
  inputs: readonly ModelInput[],
  axes: BatchAxes,
  steps: Preprocessor,
  labelFile?: string,
): Promise<Source> {
  const found = await stat(path).catch((cause) => {
    const found = cause.code === "ENOENT" ? "nothing is there" : cause.message;
    throw new ConfigError(`Cannot open data "${path}": ${found}, expected images, .npy or .npz`, { cause });
  });
  if (!found.isDirectory()) {
    if (!found.isFile()) {
      throw new ConfigError(
        `Cannot open data "${path}": it is not a regular file, expected images, .npy or .npz`,
      );
    }
    if (isTensorFile(path)) return tensorSource(path, [path], inputs, axes, labelFile);
    if (isImage(path)) return imageFile(path, onlyInput(path, inputs, axes), steps, labelFile);
    throw new ConfigError(`Cannot open data "${path}": it is not a folder, expected an image, .npy or .npz`);
  }
  const tensors = await listTensorFiles(path);
  const images = await listImages(path);
  if (tensors.length > 0 && images.files.length > 0) {
    throw new ConfigError(
      `Cannot open data "${path}": it has "${tensors[0]}" beside images, expected only one kind`,
    );
  }
  if (tensors.length > 0) return tensorSource(path, tensors, inputs, axes, labelFile);
  if (images.files.length > 0) {
    return imageFolder(path, images, onlyInput(path, inputs, axes), steps, labelFile);
  }
  const entries = (await readdir(path)).length;
  throw new ConfigError(
    `Cannot open data "${path}": the folder has ${entries} entries, expected at least one image, .npy or .npz`,
  );
}

function onlyInput(path: string, inputs: readonly ModelInput[], axes: BatchAxes): ModelInput {
  const needed = inputs.filter(({ optional }) => !optional);
  const [input] = needed;
  if (needed.length === 1 && axes.get(input.name) === 0) return input;
  if (needed.length === 1) {
    throw new ConfigError(
      `Cannot feed images "${path}" to input "${input.name}": it is ${
        inputText(input)
      }, expected samples along ` +
        "axis 0; give .npy files",
    );
  }
  const names = quoteList(inputs.map(({ name }) => name));
  throw new ConfigError(
    `Cannot feed images "${path}": the model has the inputs ${names}; give each its own, --data NAME=PATH`,
  );
}

function quoteList(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(", ");
}
