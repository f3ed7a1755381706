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
  /**
   * Its `target_device` in configuration files: the first is written, all are read (if several targets match, the
   * first).
   */
  readonly devices: readonly string[];
  /** The conflict table for its configuration files (src/files/config_conflicts.ts); absent: none. */
  readonly conflicts?: "scales" | "positions";
  /** The units that run quantized and float nodes. */
  readonly units: { readonly codes: string; readonly floats: string };
  readonly activations: Scheme;
  readonly weights: Scheme;
  /** The runtime refuses zero points other than 0: activations are symmetric and signed. */
  readonly noZeroPoints?: true;
  /** The descriptors of `quantizersOf` are for this runtime unless another is named. */
  readonly forDescriptors?: true;
  /** One scale per output channel of a weight, if the operator has such an axis. */
  readonly perChannel: boolean;
  /**
   * `sum`: int32 codes in the unit of the sums, scale(x) · scale(w). `float`: unquantized. A scheme: codes with their
   * own scale.
   */
  readonly bias: "sum" | "float" | Scheme;
  /** The default range methods of activations and of weights. */
  readonly method: string;
  readonly weightMethod: string;
  /** Of weights of fewer than 8 bits; absent: `weightMethod`. */
  readonly weightMethodUnder8Bits?: string;
  /** Present if scales are powers of two (fix positions). */
  readonly shifts?: Shifts;
  /** The device rounds the result of every layer and pool, the model's outputs as well. */
  readonly everyResult?: true;
  /** Operators that the runtime always runs in float, with the reason. */
  readonly leaves?: Readonly<Record<string, string>>;
};

/**
 * The lowest opset for Q/DQ: 11, with per-channel scales 13, with 16-bit codes 21 (ONNX Changelog, QuantizeLinear).
 * ONNX has the operators since 10, but ONNX Runtime quantizes a float bias by a Round of opset 11, and then does not
 * load a file of opset 10.
 */
export function opsetFor(perChannel: boolean, bits = 8): number {
  if (bits > 8) return 21;
  return perChannel ? 13 : 11;
}

/** The first opset with 4-bit integers in DequantizeLinear (and IR 10). */
export const nibbleOpset = 21;

/** `opsetFor` these encodings; int32 codes of biases need no higher opset. */
export function opsetOf(encodings: Encodings): number {
  const all = [...encodings.values()];
  const codes = all.filter(({ bits, datatype }) => bits < 32 && datatype === undefined);
  // Cast supports bfloat16 since 13, as per-channel scales do.
  const late = all.some(({ axis, datatype }) => axis !== undefined || datatype !== undefined);
  return opsetFor(late, Math.max(0, ...codes.map(({ bits }) => bits)));
}
