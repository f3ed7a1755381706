// Shared by operators on codes: weights as signed bytes, and the epilogue from int32 sums to codes, as in ONNX
// Runtime: multiplier = float32(float32(scale(x) · scale(w)) / scale(y)), per channel.
import { UnsupportedError } from "../../error.ts";
import type { StaticValue } from "../../graph/graph.ts";
import { roundHalfEven } from "../../tensor/round.ts";
import { numbers, type Tensor } from "../../tensor/tensor.ts";
import { byteOffset, packedLayoutOf } from "./layout.ts";
import { isByte, isNibble } from "../declare/on_codes.ts";
import { type Arrange, type Operand, packsAs } from "../declare/op.ts";
import { codingNumbers } from "../quantize.ts";

/** Codes, scale and zero point as QLinear operators list them. */
export type Coding = readonly [codes: Operand, scale: Operand, zeroPoint: Operand | undefined];

/** Constant codes of 8 or 4 bits as signed bytes: unsigned ones minus their middle. */
export function toSignedBytes(codes: StaticValue): Int8Array {
  const offset = byteOffset(codes.dtype);
  return Int8Array.from(numbers(constantOf(codes, "weights")), (code) => code - offset);
}

/** Whether weights are constants whose zero points are the middle of their codes. */
export function isCentered(codes: StaticValue | undefined, zeroPoint: StaticValue | undefined): boolean {
  if (!codes?.constant || !isByte(codes) && !isNibble(codes)) return false;
  const offset = byteOffset(codes.dtype);
  if (!zeroPoint) return offset === 0;
  return zeroPoint.constant !== undefined && numbers(zeroPoint.constant).every((zero) => zero === offset);
}

/** For operators that accept any packed layout: that of the first packed input, or the wanted one. */
export function packsAlike(isCodes = (input: number): boolean => input === 0): Arrange<unknown[]> {
  return (inputs, outputs, wanted, attributes) => {
    const codes = inputs.filter((input, i) => input && isCodes(i)) as Operand[];
    const made = codes.find(({ layout }) => layout !== "plain");
    const layout = made || !wanted ? packedLayoutOf(made ?? codes[0]) : wanted;
    return packsAs(layout, isCodes)(inputs, outputs, wanted, attributes);
  };
}

export function isPerTensor(...coding: readonly (StaticValue | undefined)[]): boolean {
  return coding.every((one) => !one || (one.constant !== undefined && numbers(one.constant).length === 1));
}

type Epilogue = {
  readonly bias: Int32Array;
  readonly multiplier: Float32Array;
  readonly numbers: { readonly zero: number; readonly low: number; readonly high: number };
};

/**
 * Bias and multiplier of `channels` outputs, padded with zeros to `lanes`. The zero point of x is folded into the bias:
 * Σ (x − zero)·w = Σ x·w − zero·Σw; `sums` holds Σw. `clamp` is in real numbers.
 */
export function epilogueOf(
  x: Coding,
  weightScale: StaticValue,
  y: { readonly dtype: StaticValue["dtype"]; readonly scale: StaticValue; readonly zeroPoint?: StaticValue },
  { sums, bias, channels, lanes, clamp }: {
    readonly sums: ArrayLike<number>;
    readonly bias?: Tensor;
    readonly channels: number;
    readonly lanes: number;
    readonly clamp: readonly [number, number];
  },
): Epilogue {
  const [from, to] = [codingNumbers(x[0].dtype, x[1], x[2]), codingNumbers(y.dtype, y.scale, y.zeroPoint)];
  const scales = numbers(constantOf(weightScale, "scales"));
  const offsets = bias ? numbers(bias) : [];
  const folded = new Int32Array(lanes);
  const multiplier = new Float32Array(lanes);
  for (let c = 0; c < channels; c++) {
    folded[c] = (offsets[c] ?? 0) - from.zero * sums[c];
    multiplier[c] = Math.fround(from.scale * scales[scales.length > 1 ? c : 0]) / to.scale;
  }
  const [lowest, highest] = [-128 - to.zero, 127 - to.zero];
  const codeOf = (real: number) =>
    Math.min(Math.max(roundHalfEven(Math.fround(real / to.scale)), lowest), highest);
  return {
    bias: folded,
    multiplier,
    numbers: {
      zero: to.zero,
      low: codeOf(clamp[0]),
      high: codeOf(clamp[1]),
    },
  };
}

/** A word of four bytes that encode zero. */
export function padWord({ zero }: { readonly zero: number }): number {
  return Math.imul(zero & 255, 0x01010101) >>> 0;
}

export function constantOf(known: StaticValue, what: string): Tensor {
  if (known.constant) return known.constant;
  throw new UnsupportedError(`Cannot compute on codes: ${what} are not constant, expected constants`);
}
