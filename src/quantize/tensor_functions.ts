// The two functions of NVIDIA's walk-through on the host: codes of a tensor within ±amax, and the values of codes.
// real = code / scale with scale = (2^(bits − 1) − 1) / amax: their scale is the inverse of an encoding's.
import { roundHalfEven } from "../tensor/round.ts";
import { elementCount, type Shape } from "../tensor/shape.ts";
import { type ScaleAxes, type ScaleGroups, scaleGroups } from "./scale_groups.ts";

export type TensorQuantization = {
  /** 2 to 16; 8. */
  readonly bits?: number;
  /** Codes 0..2^bits − 1; negative values are an error. */
  readonly unsigned?: boolean;
  /** Signed codes leave out the lowest one (true, as in the walk-through). */
  readonly narrowRange?: boolean;
  /** The axis of `shape` with one amax per channel; of several axes, one amax for each combination of indices. */
  readonly axis?: ScaleAxes;
  /** Needed for `axis`. */
  readonly shape?: Shape;
  /** The largest magnitude of codes: one number, or one per channel. Absent: the tensor's. */
  readonly amax?: number | readonly number[];
};

export type QuantizedTensor = {
  readonly codes: Int32Array;
  /** Codes per unit: one number, or one per channel; Infinity for an all-zero channel. */
  readonly scale: Float32Array;
  /** The values of the codes. */
  readonly values: Float32Array;
};

/** Codes and values; @throws RangeError for bits, shape, amax and elements that do not fit each other. */
export function quantizeWithin(x: Float32Array, options: TensorQuantization = {}): QuantizedTensor {
  const scale = scaleWithin(x, options);
  const { groupOf } = groupsOf(x, options);
  const [lowest, highest] = codeEnds(options);
  const codes = new Int32Array(x.length);
  const values = new Float32Array(x.length);
  for (let i = 0; i < x.length; i++) {
    const unit = scale[groupOf(i)];
    if (unit === Infinity) continue;
    const code = roundHalfEven(Math.fround(x[i] * unit)) + 0;
    codes[i] = Math.min(Math.max(code, lowest), highest);
    values[i] = codes[i] / unit;
  }
  return { codes, scale, values };
}

/** Codes per unit, one number per channel. */
export function scaleWithin(x: Float32Array, options: TensorQuantization): Float32Array {
  const { bits = 8, unsigned = false } = options;
  if (!Number.isInteger(bits) || bits < 2 || bits > 16) {
    throw new RangeError(`Cannot quantize to ${bits} bits: expected 2 to 16`);
  }
  requireFinite(x, unsigned);
  const [, highest] = codeEnds(options);
  const amax = amaxFor(x, groupsOf(x, options), options);
  return Float32Array.from(amax, (most) => most <= tiny ? Infinity : highest / Math.fround(most));
}

/** @throws RangeError for NaN, infinity and, if codes are unsigned, negative elements. */
export function requireFinite(x: Float32Array, unsigned = false, what = "a tensor"): void {
  const at = x.findIndex((value) => !Number.isFinite(value) || (unsigned && value < 0));
  if (at >= 0) {
    const expected = unsigned ? "finite numbers of at least 0: codes are unsigned" : "finite numbers";
    throw new RangeError(`Cannot quantize ${what}: element ${at} is ${x[at]}, expected ${expected}`);
  }
}

export function codeEnds({ bits = 8, unsigned, narrowRange = true }: TensorQuantization): [number, number] {
  const highest = 2 ** (unsigned ? bits : bits - 1) - 1;
  return [unsigned ? 0 : narrowRange ? -highest : -highest - 1, highest];
}

/** The walk-through's smallest amax: 1 / 2^24; below it all codes are zero. */
const tiny = 2 ** -24;

/** @throws RangeError if axes are given without the tensor's shape. */
export function groupsOf(x: Float32Array, { axis, shape }: TensorQuantization): ScaleGroups {
  if (axis === undefined) return scaleGroups([x.length], undefined);
  if (shape && elementCount(shape) === x.length) return scaleGroups(shape, axis);
  throw new RangeError(
    `Cannot quantize along axis ${axis}: shape is [${shape ?? ""}], expected one of ${x.length} elements`,
  );
}

function amaxFor(
  x: Float32Array,
  groups: ScaleGroups,
  { amax }: TensorQuantization,
): ArrayLike<number> {
  if (amax === undefined) return amaxOf(x, groups);
  const given = typeof amax === "number" ? new Array<number>(groups.count).fill(amax) : amax;
  if (given.length === groups.count && given.every((most) => most >= 0 && Number.isFinite(most))) {
    return given;
  }
  throw new RangeError(
    `Cannot quantize within amax ${given.join(", ")}: expected ${groups.count} numbers of at least 0`,
  );
}

/** The largest magnitude of each group. */
export function amaxOf(x: Float32Array, { count, groupOf }: ScaleGroups): Float32Array {
  const found = new Float32Array(count);
  for (let i = 0; i < x.length; i++) {
    const group = groupOf(i);
    found[group] = Math.max(found[group], Math.abs(x[i]));
  }
  return found;
}
