// QuantizeLinear, DequantizeLinear, and both at once. float32 division and half-even rounding, as
// ONNX Runtime's CPU provider computes them.
import { roundHalfEven } from "../tensor/round.ts";
import { kernel, type Numbers, type Words } from "./kernel.ts";

const grid = (n: Numbers) => [Math.ceil(n.quads / 64)];

function channelOf(i: number, n: Numbers): number {
  return n.per_channel ? Math.floor(i / n.inner) % n.channels : 0;
}

/** An absent zero point is 0 (ONNX DequantizeLinear). */
function zeroPointOf(zeroPoint: Words, channel: number, n: Numbers): number {
  return n.has_zero_point ? zeroPoint[channel] : 0;
}

function codeOf(x: number, scale: number, zeroPoint: number, n: Numbers): number {
  const code = roundHalfEven(Math.fround(x / scale)) + zeroPoint;
  return Math.min(Math.max(code, n.code_low), n.code_high);
}

export const fakeQuantize = kernel("fake_quantize", {
  writes: ["y"],
  grid,
  reference({ x, scale, zero_point, y }, n) {
    for (let i = 0; i < y.length; i++) {
      const c = channelOf(i, n);
      const zero = zeroPointOf(zero_point, c, n);
      y[i] = Math.fround((codeOf(x[i], scale[c], zero, n) - zero) * scale[c]);
    }
  },
});

export const quantizeLinear = kernel("quantize_linear", {
  writes: ["y"],
  grid,
  reference({ x, scale, zero_point, y }: Readonly<Record<string, Words>>, n) {
    for (let i = 0; i < y.length; i++) {
      const c = channelOf(i, n);
      y[i] = codeOf(x[i], scale[c], zeroPointOf(zero_point, c, n), n);
    }
  },
});

export const dequantizeLinear = kernel("dequantize_linear", {
  writes: ["y"],
  grid,
  reference({ x, scale, zero_point, y }, n) {
    for (let i = 0; i < y.length; i++) {
      const c = channelOf(i, n);
      // A difference beyond 2^24 (int32 biases) is rounded before the product, as in ONNX Runtime.
      y[i] = Math.fround(Math.fround(x[i] - zeroPointOf(zero_point, c, n)) * scale[c]);
    }
  },
});
