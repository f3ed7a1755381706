// Converts constants to codes and back, and encodes weights per tensor or per channel. q = clamp(roundHalfEven(x / s) +
// z) with the quotient rounded to float32, real = (q − z) · s in float32: element for element ONNX Runtime's
// QuantizeLinear and DequantizeLinear. A division, never a product with 1/s: near ties the two differ.
import { ModelError } from "../error.ts";
import { numbers, tensor } from "../tensor/tensor.ts";
import { rounderOf } from "../tensor/round.ts";
import { elementCount, normalAxis, type Shape } from "../tensor/shape.ts";
import { codesOf, type Encoding, encodingOf, type Range, type Scheme } from "./encoding.ts";
import { toHalf } from "./halved.ts";

/** One code per element, unpacked: 4-bit codes take a byte each. */
export type Codes = Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array;

/** Chooses the range of a channel, given its elements and their range with zero in it. */
export type WeightMethod = (channel: Float32Array, range: Range, scheme: Scheme) => Range;

/** maxmin: nothing is clipped. */
export const fullRange: WeightMethod = (_, range) => range;

/**
 * The encoding of a weight. An all-zero channel gets scale 1.
 * @throws ModelError for NaN or infinity.
 */
export function encodeWeights(
  weights: Float32Array,
  shape: Shape,
  scheme: Scheme,
  axis: number | undefined,
  method: WeightMethod,
): Encoding {
  const layout = layoutOf(weights.length, shape, axis);
  const channel = new Float32Array(layout.outer * layout.inner);
  const ranges: Range[] = [];
  for (let c = 0; c < layout.channels; c++) {
    gather(weights, layout, c, channel);
    const range = rangeOf(channel);
    if (!Number.isFinite(range.low) || !Number.isFinite(range.high)) {
      const at = weights.findIndex((x) => !Number.isFinite(x));
      throw new ModelError(
        `Cannot quantize weights: element ${at} is ${weights[at]}, expected finite numbers`,
      );
    }
    ranges.push(method(channel, range, scheme));
  }
  return encodingOf(ranges, scheme, layout.axis);
}

/** The codes of float values. @throws RangeError if the encoding does not fit the shape. */
export function quantizeTensor(values: Float32Array, shape: Shape, encoding: Encoding): Codes {
  const { outer, channels, inner } = layoutFor(values.length, shape, encoding);
  const codes = newCodes(encoding, values.length);
  const round = rounderOf(encoding.rounding);
  const [codeLow, codeHigh] = codesOf(encoding);
  for (let block = 0, i = 0; block < outer * channels; block++) {
    const scale = encoding.scale[block % channels];
    const zeroPoint = encoding.zeroPoint[block % channels];
    for (const end = i + inner; i < end; i++) {
      const code = round(Math.fround(values[i] / scale)) + zeroPoint;
      codes[i] = code < codeLow ? codeLow : code > codeHigh ? codeHigh : code;
    }
  }
  return codes;
}

/** The float values of codes. */
export function dequantizeTensor(codes: ArrayLike<number>, shape: Shape, encoding: Encoding): Float32Array {
  const { outer, channels, inner } = layoutFor(codes.length, shape, encoding);
  const values = new Float32Array(codes.length);
  for (let block = 0, i = 0; block < outer * channels; block++) {
    const scale = encoding.scale[block % channels];
    const zeroPoint = encoding.zeroPoint[block % channels];
    // The difference becomes a float32 before the product: int32 biases pass 2^24.
    for (const end = i + inner; i < end; i++) values[i] = Math.fround(codes[i] - zeroPoint) * scale;
  }
  return values;
}

/** The values as the encoding keeps them. */
export function roundTensor(values: Float32Array, shape: Shape, encoding: Encoding): Float32Array {
  if (encoding.datatype === undefined) {
    return dequantizeTensor(quantizeTensor(values, shape, encoding), shape, encoding);
  }
  return Float32Array.from(numbers(toHalf(tensor("float32", shape, values), encoding.datatype)));
}

/** Row-major elements as outer × channels × inner. */
type Layout = { axis?: number; outer: number; channels: number; inner: number };

function layoutOf(count: number, shape: Shape, axis: number | undefined): Layout {
  if (count !== elementCount(shape)) {
    throw new RangeError(
      `Cannot quantize a tensor of shape [${shape}]: ${count} values, expected ${elementCount(shape)}`,
    );
  }
  if (axis === undefined) return { outer: 1, channels: 1, inner: count };
  const normal = normalAxis(axis, shape.length);
  return {
    axis: normal,
    outer: elementCount(shape.slice(0, normal)),
    channels: shape[normal] ?? 1,
    inner: elementCount(shape.slice(normal + 1)),
  };
}

function layoutFor(count: number, shape: Shape, { scale, zeroPoint, axis }: Encoding): Layout {
  const layout = layoutOf(count, shape, axis);
  if (scale.length !== layout.channels || zeroPoint.length !== layout.channels) {
    throw new RangeError(
      `Cannot quantize a tensor of shape [${shape}]: ${scale.length} scales, ${zeroPoint.length} zero ` +
        `points, expected ${layout.channels} of each`,
    );
  }
  return layout;
}

function newCodes({ bits, signed }: Encoding, count: number): Codes {
  if (bits <= 8) return signed ? new Int8Array(count) : new Uint8Array(count);
  if (bits <= 16) return signed ? new Int16Array(count) : new Uint16Array(count);
  if (bits === 32 && signed) return new Int32Array(count);
  throw new RangeError(`Cannot quantize to ${bits} bits: expected 2..16, or 32 signed`);
}

function gather(
  values: Float32Array,
  { outer, channels, inner }: Layout,
  c: number,
  into: Float32Array,
): void {
  for (let block = 0; block < outer; block++) {
    const from = (block * channels + c) * inner;
    into.set(values.subarray(from, from + inner), block * inner);
  }
}

/** The range with zero in it; NaN ends where a value is NaN. */
function rangeOf(values: Float32Array): Range {
  let low = 0;
  let high = 0;
  for (const x of values) {
    low = Math.min(low, x);
    high = Math.max(high, x);
  }
  return { low, high };
}
