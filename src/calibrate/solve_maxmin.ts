// maxmin: the observed range; nothing is clipped (ONNX Runtime MinMax; NVIDIA pytorch-quantization "max").
import type { Range } from "../quantize/encoding.ts";
import type { Histogram } from "./histogram.ts";

export function solveMaxmin({ low, high }: Histogram): Range {
  return { low, high };
}
