// A target is data: what a runtime wants of a quantized model.
import type { Scheme } from "./encoding.ts";

export type Target = {
  readonly name: string;
  readonly activations: Scheme;
  readonly weights: Scheme;
  /** One scale an output channel of a weight, where the operator has such an axis. */
  readonly perChannel: boolean;
  /** The opset that carries per-channel Q/DQ (ONNX Changelog, DequantizeLinear-13). */
  readonly opset: number;
};
