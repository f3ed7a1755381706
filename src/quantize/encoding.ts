// An encoding: how real numbers become codes. real = (code − zeroPoint) · scale; codes are rounded half to even and
// clamped (ONNX QuantizeLinear). One scale a tensor, or one a channel along `axis`.
import { codeRange } from "../tensor/dtype.ts";
import { roundHalfEven } from "../tensor/round.ts";

export type Encoding = {
  readonly scale: Float32Array;
  readonly zeroPoint: Int32Array;
  readonly bits: number;
  readonly signed: boolean;
  /** The channel axis; absent for per-tensor encodings (then scale has one element). */
  readonly axis?: number;
};

export type Encodings = ReadonlyMap<string, Encoding>;

/** The real interval a tensor (or channel) is known to lie in. */
export type Range = { readonly low: number; readonly high: number };

export type Scheme = { readonly bits: number; readonly signed: boolean; readonly symmetric: boolean; readonly narrow?: boolean };

/** Codes of a scheme: symmetric signed schemes leave out the lowest code when `narrow` (int8: −127..127). */
export function codesOf(scheme: Scheme): [low: number, high: number] {
  const [low, high] = codeRange(scheme.bits, scheme.signed);
  return [scheme.narrow && scheme.signed ? low + 1 : low, high];
}

/**
 * Scale and zero point of a range, by ONNX Runtime's rule: zero is always inside; symmetric ranges become ±max|·|;
 * scale = (high − low) / (codes) in double, then float32; a scale under the smallest normal becomes 1.
 */
export function encode(range: Range, scheme: Scheme): { scale: number; zeroPoint: number } {
  let low = Math.min(range.low, 0);
  let high = Math.max(range.high, 0);
  const [codeLow, codeHigh] = codesOf(scheme);
  if (scheme.symmetric) {
    high = Math.max(-low, high);
    low = -high;
    const steps = scheme.signed ? 2 * codeHigh : codeHigh - codeLow;
    const scale = usable((high - low) / steps);
    return { scale, zeroPoint: scheme.signed ? 0 : roundHalfEven((codeLow + codeHigh) / 2) };
  }
  const exact = (high - low) / (codeHigh - codeLow);
  const scale = usable(exact);
  if (scale === 1 && Math.fround(exact) !== 1) return { scale, zeroPoint: Math.min(Math.max(0, codeLow), codeHigh) };
  const zeroPoint = Math.min(Math.max(roundHalfEven(codeLow - low / scale), codeLow), codeHigh);
  return { scale, zeroPoint };
}

const smallestNormal = 1.1754943508222875e-38;
function usable(scale: number): number {
  const rounded = Math.fround(scale);
  return rounded < smallestNormal || !Number.isFinite(rounded) ? 1 : rounded;
}
