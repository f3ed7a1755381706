// A target is data: what a runtime wants of a quantized model.
import type { Scheme } from "./encoding.ts";

export type Target = {
  readonly name: string;
  readonly activations: Scheme;
  readonly weights: Scheme;
  /** One scale an output channel of a weight, where the operator has such an axis. */
  readonly perChannel: boolean;
};

/** The lowest opset that carries Q/DQ: 10, or 13 with a scale a channel (ONNX Changelog, DequantizeLinear). */
export function opsetFor(perChannel: boolean): number {
  return perChannel ? 13 : 10;
}
