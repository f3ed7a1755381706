// An encoding: how real numbers become codes. real = (code − zeroPoint) · scale; codes are rounded half to
// even and clamped (ONNX QuantizeLinear). One scale per tensor, or per channel along `axis`.
import { codeRange } from "../tensor/dtype.ts";
import { roundHalfEven, type Rounding } from "../tensor/round.ts";

export type Encoding = {
  readonly scale: Float32Array;
  readonly zeroPoint: Int32Array;
  readonly bits: number;
  readonly signed: boolean;
  /** The channel axis; absent for per-tensor encodings (then scale has one element). */
  readonly axis?: number;
  /** The lowest signed code is never written; only constants can keep this, QuantizeLinear cannot. */
  readonly narrow?: boolean;
  /**
   * How ties of constants are rounded (half to even); activations always round half to even, as QuantizeLinear does.
   */
  readonly rounding?: Rounding;
  /** Floats of this type instead of codes; then scale is 1, the zero point 0, and both have no effect. */
  readonly datatype?: "float16" | "bfloat16";
};

export type Encodings = ReadonlyMap<string, Encoding>;

/** The real interval a tensor (or channel) is known to lie in. */
export type Range = { readonly low: number; readonly high: number };

export type Scheme = {
  readonly bits: number;
  readonly signed: boolean;
  readonly symmetric: boolean;
  readonly narrow?: boolean;
  readonly rounding?: Rounding;
  /** Scales are powers of two: 2^−p at a fix position p. */
  readonly powerOfTwo?: boolean;
  /** The largest fix position of the hardware: of codes of up to 8 bits, and of longer ones. */
  readonly mostFractionBits?: readonly [short: number, long: number];
  /** Floats of this type instead of codes (int). */
  readonly datatype?: "int" | "float32" | "float16" | "bfloat16";
};

/** Codes of a scheme or an encoding: signed ones leave out the lowest when `narrow` (int8: −127..127). */
export function codesOf(
  { bits, signed, narrow }: Pick<Scheme, "bits" | "signed" | "narrow">,
): [low: number, high: number] {
  const [low, high] = codeRange(bits, signed);
  return [narrow && signed ? low + 1 : low, high];
}

/**
 * Scale and zero point of a range, by ONNX Runtime's rule: zero is always inside; symmetric ranges become
 * ±max|·|; scale = (high − low) / (codes − 1) in double, then float32; a scale under the smallest normal
 * becomes 1 (and an asymmetric zero point 0). Asymmetric: zeroPoint = round(codeLow − low / scale), from the
 * scale in double; symmetric: always the middle code, 0 or 2^(bits−1), so that the channels of a tensor
 * agree. Symmetric signed schemes put max|·| on the highest code, narrow or not (max|·| / (2^(bits−1) − 1),
 * NVIDIA's rule; for int8 and int16 also ONNX Runtime's).
 */
export function encode(range: Range, scheme: Scheme): { scale: number; zeroPoint: number } {
  let low = Math.min(range.low, 0);
  let high = Math.max(range.high, 0);
  if (!Number.isFinite(low) || !Number.isFinite(high)) {
    throw new RangeError(`Cannot encode a range: it is ${range.low}..${range.high}, expected finite ends`);
  }
  const [codeLow, codeHigh] = codesOf(scheme);
  // Each end by itself: the lowest code reaches further than the highest.
  if (scheme.powerOfTwo) return encodePowerOfTwo(low, high, scheme);
  if (scheme.symmetric) {
    high = Math.max(-low, high);
    low = -high;
  }
  const steps = scheme.symmetric && scheme.signed ? 2 * codeHigh : codeHigh - codeLow;
  const exact = (high - low) / steps;
  const tiny = exact < smallestNormal;
  const scale = tiny ? 1 : Math.fround(exact);
  if (scheme.symmetric) return { scale, zeroPoint: scheme.signed ? 0 : 2 ** (scheme.bits - 1) };
  const zero = tiny ? 0 : roundHalfEven(codeLow - low / exact) + 0; // + 0: never −0
  return { scale, zeroPoint: Math.min(Math.max(zero, codeLow), codeHigh) };
}

/**
 * The finest power of two whose codes reach the range, half a step of clipping allowed at either end, as rounding does:
 * p = floor(log2(1/step)), step = max(low / (codeLow − ½), high / (codeHigh + ½)) (Vitis AI); p = 18 for an empty
 * range. A zero point other than the middle is even: sums of such codes are ties half the time, and runtimes that add
 * the zero point before they round (ONNX Runtime's QLinearAdd) then round to the same side as those that do it
 * afterwards.
 */
function encodePowerOfTwo(low: number, high: number, scheme: Scheme): { scale: number; zeroPoint: number } {
  const [codeLow, codeHigh] = codesOf(scheme);
  const middle = scheme.signed ? 0 : 2 ** (scheme.bits - 1);
  const step = scheme.symmetric
    ? Math.max(low / (codeLow - middle - 0.5), high / (codeHigh - middle + 0.5))
    : (high - low) / (codeHigh - codeLow);
  const [short, long] = scheme.mostFractionBits ?? [126, 126];
  const limit = scheme.bits <= 8 ? short : long;
  const position = Math.min(step <= smallestNormal ? 18 : fixPosition(step), limit);
  const scale = 2 ** -position;
  if (scheme.symmetric) return { scale, zeroPoint: middle };
  const zero = 2 * roundHalfEven((codeLow - low / scale) / 2) + 0;
  return { scale, zeroPoint: Math.min(Math.max(zero, codeLow), codeHigh - 1) };
}

/** floor(log2(1/step)), exact although the logarithm is not. */
function fixPosition(step: number): number {
  const position = Math.floor(-Math.log2(step));
  if (2 ** -position < step) return position - 1;
  return 2 ** -(position + 1) >= step ? position + 1 : position;
}

/** Whether tensors of this scheme have no encoding. */
export function isFloat({ datatype }: Scheme): boolean {
  return datatype === "float32";
}

/** The encoding of a tensor's range, or of its channels' ranges along `axis`. */
export function encodingOf(ranges: Range | readonly Range[], scheme: Scheme, axis?: number): Encoding {
  const { datatype } = scheme;
  if (datatype === "float16" || datatype === "bfloat16") {
    return { scale: Float32Array.of(1), zeroPoint: Int32Array.of(0), bits: 16, signed: true, datatype };
  }
  const encoded = [ranges].flat().map((range) => encode(range, scheme));
  return {
    scale: Float32Array.from(encoded, ({ scale }) => scale),
    zeroPoint: Int32Array.from(encoded, ({ zeroPoint }) => zeroPoint),
    bits: scheme.bits,
    signed: scheme.signed,
    ...(axis === undefined ? {} : { axis }),
    ...(scheme.narrow && scheme.signed ? { narrow: true } : {}),
    ...(scheme.rounding && scheme.rounding !== "half_even" ? { rounding: scheme.rounding } : {}),
  };
}

/** The smallest normal float32: smaller scales lose digits, and devices may flush them to zero. */
export const smallestNormal = 2 ** -126;

/** Whether both give every number the same code. */
export function sameEncoding(a: Encoding, b: Encoding): boolean {
  const settings = ["bits", "signed", "axis", "narrow", "rounding"] as const;
  return a === b || settings.every((key) => a[key] === b[key]) && sameNumbers(a.scale, b.scale) &&
      sameNumbers(a.zeroPoint, b.zeroPoint);
}

function sameNumbers(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  return a.length === b.length && Array.prototype.every.call(a, (value, i) => value === b[i]);
}
