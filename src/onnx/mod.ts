// ONNX files: bytes to Graph and back.
export { decodeModel } from "./decode.ts";
export { encodeModel, type EncodeOptions, encodeParts, largestModelBytes } from "./encode.ts";
export type { ExternalReader, ExternalWriter } from "./external.ts";
export { irForOpset, irVersions } from "./opset.ts";
