// The public interface of this room: data sets, and preprocessing by itself.
export { type Dataset, type DatasetOptions, openDataset } from "./open.ts";
export type { Skipped } from "./reader.ts";
export type { SourcePath } from "./locate.ts";
export type { ModelInput } from "./source.ts";
export type { Sampling, Shard } from "./subset.ts";
export { imageExtent } from "./pixels.ts";
export { type ImageShape, type Picture, preprocessImage } from "./preprocess.ts";
export { defaultPreprocessor, loadPreprocessor, type Preprocessor } from "./preprocessor.ts";
export { nearestWord } from "../files/nearest.ts";
