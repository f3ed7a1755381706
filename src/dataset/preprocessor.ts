// A model's preprocessing in the form of Hugging Face image processors (preprocessor_config.json): finds the file,
// reads it, fills in defaults.
import { access, readFile } from "node:fs/promises";
import { dirname, join, parse } from "node:path";
import { z } from "zod";
import { ConfigError } from "../error.ts";
import { nearestWord } from "../files/nearest.ts";
import type { Filter } from "./resample.ts";

export type Extent = { readonly width: number; readonly height: number };
/** An exact size, or the length of the shorter edge at the same aspect ratio. */
export type Size = Extent | { readonly shortestEdge: number };

/** The steps in the order in which they are applied; undefined steps are skipped. */
export type Preprocessor = {
  readonly resize?: { readonly size: Size; readonly filter: Filter };
  readonly crop?: Extent;
  /** Blue first. Applied before normalizing, so the means of such a file are in BGR order. */
  readonly flipChannels: boolean;
  readonly factor: number;
  readonly normalize?: { readonly mean: readonly number[]; readonly std: readonly number[] };
  /** Zeros to the right and below, after normalizing; "model" pads to the model's input size. */
  readonly pad?: Extent | "model";
};

/** Without a file: levels become 0..1, and images keep their size. */
export const defaultPreprocessor: Preprocessor = { flipChannels: false, factor: 1 / 255 };

const edge = z.number().int().positive().max(65536);
const extent = z.strictObject({ height: edge, width: edge });
const size = z.union([edge, extent, z.strictObject({ shortest_edge: edge })]);
const channelNumbers = z.union([z.number(), z.array(z.number()).min(1)]);
const flag = z.boolean().nullish();

const fields = {
  do_convert_rgb: flag,
  do_resize: flag,
  size: size.nullish(),
  default_to_square: flag,
  resample: z.number().int().min(0).max(5).nullish(),
  do_center_crop: flag,
  crop_size: size.nullish(),
  crop_pct: z.number().positive().max(1).nullish(),
  do_rescale: flag,
  rescale_factor: z.number().positive().nullish(),
  do_flip_channel_order: flag,
  do_normalize: flag,
  image_mean: channelNumbers.nullish(),
  image_std: channelNumbers.nullish(),
  do_pad: flag,
  pad_size: extent.nullish(),
  image_processor_type: z.string().nullish(),
  feature_extractor_type: z.string().nullish(),
};
const schema = z.object(fields);
type File = z.infer<typeof schema>;

/** Keys of published files that do not affect pixels. */
const silentKeys = new Set([
  "_name_or_path",
  "_valid_processor_keys",
  "auto_map",
  "data_format",
  "device",
  "disable_grouping",
  "input_data_format",
  "processor_class",
  "return_tensors",
  "use_fast",
]);

/**
 * The preprocessing of a model: `file` if given, else `STEM.preprocessor_config.json` or `preprocessor_config.json`
 * beside the model, else `defaultPreprocessor`.
 * @throws ConfigError if the given file is missing, or if the file is not a valid configuration.
 */
export async function loadPreprocessor(file: string | undefined, modelPath?: string): Promise<Preprocessor> {
  const found = file ?? (modelPath === undefined ? undefined : await beside(modelPath));
  if (found === undefined) return defaultPreprocessor;
  let text: string;
  try {
    text = await readFile(found, "utf8");
  } catch (cause) {
    throw new ConfigError(`Cannot read preprocessing "${found}": no readable file there, expected JSON`, {
      cause,
    });
  }
  return parsePreprocessor(text, found);
}

async function beside(modelPath: string): Promise<string | undefined> {
  const { dir, name } = parse(modelPath);
  for (
    const file of [
      join(dir, `${name}.preprocessor_config.json`),
      join(dirname(modelPath), "preprocessor_config.json"),
    ]
  ) {
    if (await access(file).then(() => true, () => false)) return file;
  }
  return undefined;
}

/** Parses a Hugging Face image-processor file; `file` names it in messages. */
export function parsePreprocessor(text: string, file: string): Preprocessor {
  const refuse = (found: string, cause?: unknown): never => {
    throw new ConfigError(`Cannot read preprocessing "${file}": ${found}`, { cause });
  };
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    refuse(`it is not JSON (${(cause as Error).message})`, cause);
  }
  if (typeof json !== "object" || json === null || Array.isArray(json)) refuse("it is not a JSON object");
  for (const key of Object.keys(json as object)) {
    if (key in fields || silentKeys.has(key)) continue;
    const near = nearestWord(key, Object.keys(fields));
    refuse(`key "${key}" is unknown${near ? `, did you mean "${near}"` : ""}`);
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return refuse(`key "${issue.path.join(".")}" does not fit: ${issue.message}`, parsed.error);
  }
  return stepsOf(parsed.data, file);
}

function stepsOf(file: File, name: string): Preprocessor {
  const missing = (step: string, key: string) =>
    new ConfigError(`Cannot read preprocessing "${name}": "${step}" is true but "${key}" is missing`);
  const { resize, crop } = geometryOf(file, missing);
  let normalize: Preprocessor["normalize"];
  if (file.do_normalize ?? file.image_mean != null) {
    if (file.image_mean == null) throw missing("do_normalize", "image_mean");
    const std = [file.image_std ?? 1].flat();
    if (std.includes(0)) throw new ConfigError(`Cannot read preprocessing "${name}": "image_std" has a zero`);
    normalize = { mean: [file.image_mean].flat(), std };
  }
  return {
    resize,
    crop,
    flipChannels: file.do_flip_channel_order ?? false,
    // Files older than do_rescale (transformers 4.25) rescale without declaring it.
    factor: file.do_rescale ?? true ? file.rescale_factor ?? 1 / 255 : 1,
    normalize,
    pad: file.do_pad || file.pad_size ? file.pad_size ?? "model" : undefined,
  };
}

function geometryOf(
  file: File,
  missing: (step: string, key: string) => Error,
): Pick<Preprocessor, "resize" | "crop"> {
  let resize: Preprocessor["resize"];
  let crop: Extent | undefined;
  if (file.do_center_crop ?? file.crop_size != null) {
    const wanted = file.crop_size ?? file.size;
    if (wanted == null) throw missing("do_center_crop", "crop_size");
    crop = squareOf(wanted);
  }
  if (file.do_resize ?? file.size != null) {
    if (file.size == null) throw missing("do_resize", "size");
    const filter = (file.resample ?? 2) as Filter;
    resize = { size: sizeOf(file.size, file.default_to_square ?? true), filter };
    const shorter = shorterEdge(file.size);
    if (file.crop_pct != null && !warps(file, shorter)) {
      resize = { size: { shortestEdge: Math.floor(shorter / file.crop_pct) }, filter };
      crop ??= squareOf(file.size);
    } else if (file.crop_pct != null) {
      resize = { size: squareOf(file.size), filter };
    }
  }
  return { resize, crop };
}

/** ConvNeXt's processor ignores crop_pct from 384 pixels on and resizes to a square. */
function warps(file: File, shorter: number): boolean {
  const kind = file.image_processor_type ?? file.feature_extractor_type ?? "";
  return kind.startsWith("ConvNext") && shorter >= 384;
}

type FileSize = z.infer<typeof size>;

function sizeOf(written: FileSize, square: boolean): Size {
  if (typeof written === "number") return square ? squareOf(written) : { shortestEdge: written };
  return "shortest_edge" in written ? { shortestEdge: written.shortest_edge } : written;
}

function squareOf(written: FileSize): Extent {
  if (typeof written === "object" && "height" in written) return written;
  const length = typeof written === "number" ? written : written.shortest_edge;
  return { width: length, height: length };
}

function shorterEdge(written: FileSize): number {
  const { width, height } = squareOf(written);
  return Math.min(width, height);
}

/** Means or deviations, one per channel. */
export function perChannel(numbers: readonly number[], channels: number, key: string): readonly number[] {
  if (numbers.length === channels) return numbers;
  if (numbers.length === 1) return new Array<number>(channels).fill(numbers[0]);
  throw new ConfigError(
    `Cannot normalize pictures: "${key}" has ${numbers.length} numbers, expected 1 or ${channels}`,
  );
}
