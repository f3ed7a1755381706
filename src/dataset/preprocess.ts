// Pixels to model input: the steps of a Hugging Face image processor in its order (resize, crop, flip, rescale,
// normalize, pad); float32, channels first.
import { ConfigError } from "../error.ts";
import { decodeWithinLimits } from "./decoding.ts";
import { type Pixels, toGrey } from "./pixels.ts";
import { type Extent, perChannel, type Preprocessor } from "./preprocessor.ts";
import { resample } from "./resample.ts";

/** The image shape that a model expects; an undefined edge may have any length. */
export type ImageShape = { readonly channels: 1 | 3; readonly height?: number; readonly width?: number };

/** Float32 [channels, height, width]. */
export type Picture = Extent & { readonly channels: number; readonly data: Float32Array };

/** Decodes an image file and preprocesses it. Rejects with the decoder's error if it cannot be decoded. */
export async function preprocessImage(
  file: string,
  steps: Preprocessor,
  wanted: ImageShape,
): Promise<Picture> {
  return preprocessPixels(await decodeWithinLimits(file), steps, wanted, file);
}

/**
 * Preprocesses decoded pixels. Greyscale models (one channel) get Pillow's grey.
 * @throws ConfigError if the result does not have the wanted shape; `file` names the image in messages.
 */
export function preprocessPixels(
  pixels: Pixels,
  steps: Preprocessor,
  wanted: ImageShape,
  file: string,
): Picture {
  let shaped = wanted.channels === 1 ? toGrey(pixels) : pixels;
  if (steps.resize) {
    const { width, height } = extentAfterResize(shaped, steps.resize.size);
    shaped = resample(shaped, width, height, steps.resize.filter);
  }
  if (steps.crop) shaped = cropCentre(shaped, steps.crop);
  const padded = extentAfterPadding(shaped, steps, wanted);
  const picture = toPlanes(shaped, steps, padded);
  if (
    picture.width !== (wanted.width ?? picture.width) || picture.height !== (wanted.height ?? picture.height)
  ) {
    const is = `${picture.width}x${picture.height}`;
    throw new ConfigError(
      `Cannot feed image "${file}": it is ${is} after preprocessing, the model expects ` +
        `${wanted.width ?? "any"}x${wanted.height ?? "any"} (width x height); ` +
        `set "size" or "crop_size" in the preprocessing (--preprocess FILE)`,
    );
  }
  return picture;
}

/** As Hugging Face computes it: the longer edge is truncated to an integer. */
export function extentAfterResize(before: Extent, size: NonNullable<Preprocessor["resize"]>["size"]): Extent {
  if ("width" in size) return size;
  const { width, height } = before;
  const edge = size.shortestEdge;
  return width <= height
    ? { width: edge, height: Math.trunc((edge * height) / width) }
    : { width: Math.trunc((edge * width) / height), height: edge };
}

/** Crops the centre; a smaller image gets zeros around it (Hugging Face's center_crop). */
export function cropCentre(pixels: Pixels, { width, height }: Extent): Pixels {
  const { channels } = pixels;
  const top = Math.floor((pixels.height - height) / 2);
  const left = Math.floor((pixels.width - width) / 2);
  const data = new Uint8Array(width * height * channels);
  const fromX = Math.max(left, 0);
  const toX = Math.min(left + width, pixels.width);
  for (let y = 0; y < height; y++) {
    const row = y + top;
    if (row < 0 || row >= pixels.height) continue;
    const start = row * pixels.width;
    const part = pixels.data.subarray((start + fromX) * channels, (start + toX) * channels);
    data.set(part, (y * width + fromX - left) * channels);
  }
  return { width, height, channels, data };
}

function extentAfterPadding(shaped: Pixels, steps: Preprocessor, wanted: ImageShape): Extent {
  if (!steps.pad) return shaped;
  const { width, height } = steps.pad === "model" ? { ...shaped, ...extentOfShape(wanted) } : steps.pad;
  return { width: Math.max(width, shaped.width), height: Math.max(height, shaped.height) };
}

function extentOfShape({ width, height }: ImageShape): Partial<Extent> {
  return { ...(width !== undefined && { width }), ...(height !== undefined && { height }) };
}

function toPlanes(pixels: Pixels, steps: Preprocessor, { width, height }: Extent): Picture {
  const { channels } = pixels;
  const data = new Float32Array(channels * width * height);
  const tables = levelTables(steps, channels);
  for (let c = 0; c < channels; c++) {
    const table = tables[c];
    const source = steps.flipChannels ? channels - 1 - c : c;
    for (let y = 0; y < pixels.height; y++) {
      let from = y * pixels.width * channels + source;
      let to = (c * height + y) * width;
      for (let x = 0; x < pixels.width; x++, from += channels) data[to++] = table[pixels.data[from]];
    }
  }
  return { width, height, channels, data };
}

/** Rescaled and normalized values of the 256 levels of each channel, each step rounded to float32 as in NumPy. */
function levelTables(steps: Preprocessor, channels: number): Float32Array[] {
  const mean = perChannel(steps.normalize?.mean ?? [0], channels, "image_mean").map(Math.fround);
  const std = perChannel(steps.normalize?.std ?? [1], channels, "image_std").map(Math.fround);
  return mean.map((centre, c) =>
    Float32Array.from({ length: 256 }, (_, level) => {
      const scaled = Math.fround(level * steps.factor);
      return Math.fround(scaled - centre) / std[c];
    })
  );
}
