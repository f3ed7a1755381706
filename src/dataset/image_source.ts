// Images as samples: one file, a flat folder, or one folder per class.
import { readdir, stat } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { ConfigError, HalftoneError, UnsupportedError } from "../error.ts";
import { tensorOver } from "../tensor/tensor.ts";
import { labelsFor, readLabels } from "./labels.ts";
import { type ImageShape, preprocessImage } from "./preprocess.ts";
import type { Preprocessor } from "./preprocessor.ts";
import { inOrder, type ModelInput, type Sample, type Source } from "./source.ts";

const extensions = new Set(
  [".png", ".jpg", ".jpeg", ".webp", ".gif", ".tif", ".tiff", ".avif", ".heif", ".heic", ".svg", ".bmp"],
);

export function isImage(file: string): boolean {
  return extensions.has(extname(file).toLowerCase());
}

/** Image files below a folder, as relative paths, with its class folders if there are any. */
export type Listing = { readonly files: string[]; readonly classes?: string[]; readonly labels?: number[] };

/**
 * Lists the images of a folder. Every folder in it is a class, indexed in alphabetical order; images may lie deeper
 * inside. Hidden files and folders are ignored.
 */
export async function listImages(folder: string): Promise<Listing> {
  const flat: string[] = [];
  const classes: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const { name } = entry;
    if (name.startsWith(".")) continue;
    if (entry.isDirectory() || (entry.isSymbolicLink() && await isFolder(join(folder, name)))) {
      classes.push(name);
    } else if (isImage(name)) flat.push(name);
  }
  flat.sort();
  classes.sort();
  const files: string[] = [];
  const labels: number[] = [];
  for (const [index, name] of classes.entries()) {
    const inside = inOrder((await readdir(join(folder, name), { recursive: true })).filter(isVisibleImage));
    for (const file of inside) {
      files.push(join(name, file));
      labels.push(index);
    }
  }
  if (flat.length > 0 && files.length > 0) {
    throw new ConfigError(
      `Cannot read images of "${folder}": image "${flat[0]}" lies beside folders of images, ` +
        `expected one folder per class or none; move it away`,
    );
  }
  return files.length > 0 ? { files, classes, labels } : { files: flat };
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}

function isVisibleImage(file: string): boolean {
  return isImage(file) && !file.split(/[\\/]/).some((part) => part.startsWith("."));
}

/**
 * Images of a folder for one input, labelled by `labelFile`, else by class folders, else by the folder's `labels.txt`.
 */
export async function imageFolder(
  folder: string,
  listing: Listing,
  input: ModelInput,
  steps: Preprocessor,
  labelFile?: string,
): Promise<Source> {
  const { files, classes } = listing;
  const inFolder = (await readdir(folder)).includes("labels.txt") ? join(folder, "labels.txt") : undefined;
  const path = labelFile ?? (classes ? undefined : inFolder);
  const labels = path === undefined ? listing.labels : labelsFor(files, await readLabels(path), path);
  const source = imagesOf(folder, files.map((file) => join(folder, file)), input, steps);
  return { ...source, labels, classes: path === undefined ? classes : undefined };
}

/** A single image as a data set of one. */
export async function imageFile(
  file: string,
  input: ModelInput,
  steps: Preprocessor,
  labelFile?: string,
): Promise<Source> {
  const source = imagesOf(file, [file], input, steps);
  if (labelFile === undefined) return source;
  return { ...source, labels: labelsFor([basename(file)], await readLabels(labelFile), labelFile) };
}

function imagesOf(path: string, files: readonly string[], input: ModelInput, steps: Preprocessor): Source {
  const wanted = imageShapeOf(input);
  // Undecodable images are remembered: finding out may take long, and sweeps repeat.
  const refused = new Map<number, Sample>();
  const read = async (index: number): Promise<Sample> => {
    const known = refused.get(index);
    if (known) return known;
    const file = files[index];
    try {
      const { channels, height, width, data } = await preprocessImage(file, steps, wanted);
      return { tensors: new Map([[input.name, tensorOver("float32", [channels, height, width], data)]]) };
    } catch (error) {
      if (error instanceof HalftoneError) throw error;
      const skipped = { file, why: reasonOf(error) };
      refused.set(index, skipped);
      return skipped;
    }
  };
  return {
    path,
    kind: "images",
    inputs: [{ name: input.name, whole: false, servesAll: false }],
    count: files.length,
    nameOf: (index) => files[index],
    read,
  };
}

/** The last line of sharp's message, without the path that it repeats. */
function reasonOf(error: unknown): string {
  const lines = (error as Error).message.split("\n").map((line) => line.trim()).filter((line) => line !== "");
  return lines.at(-1) ?? "it cannot be decoded";
}

function imageShapeOf({ name, shape, dtype }: ModelInput): ImageShape {
  const described = `${dtype} [${shape.join(",")}]`;
  if (dtype !== "float32") {
    throw new UnsupportedError(
      `Cannot feed images to input "${name}": it is ${described}, expected float32; give .npy files`,
    );
  }
  const [, channels, height, width] = shape;
  if (shape.length !== 4 || (typeof channels === "number" && channels !== 1 && channels !== 3)) {
    throw new UnsupportedError(
      `Cannot feed images to input "${name}": it is ${described}, expected [N,3 or 1,H,W]; give .npy files`,
    );
  }
  return { channels: channels === 1 ? 1 : 3, height: lengthOf(height), width: lengthOf(width) };
}

function lengthOf(dim: number | string): number | undefined {
  return typeof dim === "number" ? dim : undefined;
}
