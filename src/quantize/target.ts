// A target is data: how a runtime needs a model to be quantized.
import type { Encodings, Scheme } from "./encoding.ts";

/** Shifts that the hardware has between fix positions: of sums to results, and of biases to sums. */
export type Shifts = {
  readonly leastCut: number;
  readonly cut: number;
  readonly bias: number;
  readonly accumulatorBits: number;
  /** Operators whose inputs get the position of their result. */
  readonly alike?: readonly string[];
};

export type Target = {
  readonly name: string;
  /** What configuration files call it (`target_device`), the name that is written first; the first target of a name is read. */
  readonly devices: readonly string[];
  /** Which parameters a configuration file may not combine (src/files/config_conflicts.ts); absent: all go together. */
  readonly conflicts?: "host" | "dpu";
  /** What computes, on codes and in float. */
  readonly units: { readonly codes: string; readonly floats: string };
  readonly activations: Scheme;
  readonly weights: Scheme;
  /** The runtime refuses zero points other than 0: activations are symmetric and signed. */
  readonly noZeroPoints?: true;
  /** One scale per output channel of a weight, if the operator has such an axis. */
  readonly perChannel: boolean;
  /** `sum`: int32 codes in the unit of the sums, scale(x) · scale(w). `float`: unquantized. A scheme: codes with their own scale. */
  readonly bias: "sum" | "float" | Scheme;
  /** The default range methods of activations and of weights. */
  readonly method: string;
  readonly weightMethod: string;
  /** Of weights of fewer than 8 bits; absent: `weightMethod`. */
  readonly weightMethodUnder8Bits?: string;
  /** Present if scales are powers of two (fix positions). */
  readonly shifts?: Shifts;
  /** Operators that the runtime computes in float whatever surrounds them, with the reason. */
  readonly leaves?: Readonly<Record<string, string>>;
};

/**
 * The lowest opset that carries Q/DQ: 11, 13 with a scale a channel, 21 with codes of 16 bits (ONNX Changelog,
 * QuantizeLinear). ONNX has the operators since 10, but ONNX Runtime makes codes of a bias in float by a Round, which is
 * of opset 11, and does not load a file of opset 10 that has one.
 */
export function opsetFor(perChannel: boolean, bits = 8): number {
  if (bits > 8) return 21;
  return perChannel ? 13 : 11;
}

/** The first opset with 4-bit integers in DequantizeLinear (and IR 10). */
export const nibbleOpset = 21;

/** `opsetFor` of these encodings; biases count for nothing, int32 codes are of the first opset. */
export function opsetOf(encodings: Encodings): number {
  const all = [...encodings.values()];
  const codes = all.filter(({ bits, datatype }) => bits < 32 && datatype === undefined);
  // A Cast knows bfloat16 since 13, the opset of a scale a channel.
  const late = all.some(({ axis, datatype }) => axis !== undefined || datatype !== undefined);
  return opsetFor(late, Math.max(0, ...codes.map(({ bits }) => bits)));
}
