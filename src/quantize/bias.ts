// The int32 bias of a layer that accumulates x·w: scale = scaleX · scaleW[c] in float32, zero point 0,
// code = roundHalfEven(b / scale) in double (ONNX Runtime's static quantizer). If |b| / scale would leave
// int32, that channel's weight scale is widened so that it fits, which costs weights that were tiny anyway
// (ONNX Runtime, after TensorFlow Lite).
import { ModelError, UnsupportedError } from "../error.ts";
import { roundHalfEven } from "../tensor/round.ts";
import { type Encoding, smallestNormal } from "./encoding.ts";

export type EncodedBias = {
  readonly codes: Int32Array;
  /** One per weight scale: per tensor or per channel. */
  readonly scale: Float32Array;
  /** The weight's encoding to use from here on: the given one, unless `widened` names channels. */
  readonly weight: Encoding;
  /** Channels (0 for a per-tensor weight) whose weight scale grew. */
  readonly widened: readonly number[];
};

const largestCode = 2 ** 31 - 1;
/** Slack for the rounding of scales to float32 (ONNX Runtime's multiplicative epsilon). */
const slack = 1.0001;

/** Encodes a bias of one value per channel. @throws ModelError for NaN or infinity. */
export function encodeBias(bias: Float32Array, scaleX: number, weight: Encoding): EncodedBias {
  const count = weight.scale.length;
  if (!(scaleX > 0 && Number.isFinite(scaleX))) {
    throw new RangeError(`Cannot encode a bias: the input's scale is ${scaleX}, expected a positive number`);
  }
  if (count !== 1 && count !== bias.length) {
    throw new RangeError(`Cannot encode a bias of ${bias.length} values: the weight has ${count} scales`);
  }
  const at = bias.findIndex((b) => !Number.isFinite(b));
  if (at >= 0) {
    throw new ModelError(`Cannot quantize a bias: element ${at} is ${bias[at]}, expected finite numbers`);
  }
  const largest = new Float64Array(count);
  bias.forEach((b, i) => largest[i % count] = Math.max(largest[i % count], Math.abs(b)));
  const weightScale = weight.scale.slice();
  const widened: number[] = [];
  largest.forEach((b, c) => {
    const least = Math.max(slack * b / largestCode, smallestNormal * slack);
    if (scaleX * weightScale[c] >= least) return;
    weightScale[c] = least / scaleX;
    widened.push(c);
  });
  const scale = weightScale.map((s) => scaleX * s);
  const lost = scale.findIndex((s) => !Number.isFinite(s));
  if (lost >= 0) {
    throw new UnsupportedError(
      `Cannot encode a bias: the scale of channel ${lost} is beyond float32 (input's scale ` +
        `${scaleX}, weight's scale ${weightScale[lost]}, largest bias ${largest[lost]})`,
    );
  }
  return {
    codes: Int32Array.from(bias, (b, i) => roundHalfEven(b / scale[i % count])),
    scale,
    weight: widened.length ? { ...weight, scale: weightScale } : weight,
    widened,
  };
}
