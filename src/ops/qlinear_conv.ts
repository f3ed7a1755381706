// QLinearConv (ONNX QLinearConv-10): a convolution of codes. x [N,C,H,W], w [O,C/group,R,S], B int32 [O] → y codes
// [N,O,H',W']. Equal to ONNX Runtime's CPU provider bit for bit.
import { call } from "../kernels/kernel.ts";
import { packBytes } from "../kernels/pack_codes.ts";
import { qconv2dDepthwise, qconv2dGrouped, qconv2dTiled } from "../kernels/qconv2d.ts";
import type { Shape } from "../tensor/shape.ts";
import { clampAttributes } from "./clamp.ts";
import { Conv } from "./conv.ts";
import { packing } from "./layout.ts";
import { int, ints, type Known, type Lowering, op, type Operand, required, text } from "./op.ts";
import { codingNumbers } from "./quantize.ts";
import { epilogueOf, isCentred, isPerTensor, packs, padWord, signedBytes } from "./requantize.ts";
import { everyImage } from "./rows.ts";
import { drawQuantized } from "./qlinear_float.ts";
import { windowNumbers, windowOver } from "./window.ts";

type Attributes = Parameters<typeof windowOver>[2] & { group: number; clamp_low: number; clamp_high: number };

export const QLinearConv = op({
  since: 10,
  attributes: {
    strides: ints([]),
    pads: ints([]),
    dilations: ints([]),
    group: int(1),
    auto_pad: text("NOTSET"),
    ...clampAttributes,
  },
  types: "numbers",
  computesOnCodes: true,
  clampable: true,
  role: { kind: "resists" },
  rows: everyImage,
  arrange: packs((i) => i === 0),
  infer(inputs, _, node) {
    const [{ shape }] = Conv.infer([required(inputs, 0), required(inputs, 3), inputs[8]], node);
    return [{ dtype: inputs[7]?.dtype ?? "uint8", shape }];
  },
  expand(sketch, _, { attributes }) {
    const [x, xScale, xZero, w, wScale, wZero, yScale, yZero, bias] = sketch.inputs;
    const isKnown = [w, wScale, bias].every((one) => !one || one.constant);
    const isPacked = isKnown && x?.shape.length === 4 && isCentred(w, wZero) &&
      isPerTensor(xScale, xZero, yScale, yZero);
    return isPacked ? false : drawQuantized(sketch, "Conv", 0, attributes);
  },
  lower: lowerConv,
});

function lowerConv(lowering: Lowering<Attributes>) {
  const { inputs, outputs: [y], attributes, constant } = lowering;
  const [x, xScale, xZero, w, wScale, , yScale, yZero, bias] = inputs as Operand[];
  const window = windowOver(x.shape.slice(2), w.shape.slice(2), attributes);
  const weights = weightsOf(w, attributes.group, x.shape[1]);
  const epilogue = epilogueOf(
    [x, xScale, xZero],
    wScale,
    { dtype: y.dtype, scale: yScale, zeroPoint: yZero },
    {
      sums: weights.sums,
      bias: bias?.constant,
      channels: w.shape[0],
      lanes: Math.ceil(w.shape[0] / 8) * 8,
      clamp: [attributes.clamp_low, attributes.clamp_high],
    },
  );
  const buffers = {
    x: x.buffer,
    w: constant(weights.words),
    bias: constant(epilogue.bias),
    multiplier: constant(epilogue.multiplier),
    y: y.buffer,
  };
  const sizes = {
    height: x.shape[2],
    width: x.shape[3],
    blocks: packing(x.shape).blocks,
    ...windowNumbers(window),
    ...epilogue.numbers,
    pad_word: padWord(codingNumbers(x.dtype, xScale, xZero)),
  };
  const { rows: pixels, blocks: out_blocks } = packing(y.shape);
  if (weights.kind === "tiled") return [call(qconv2dTiled, buffers, { ...sizes, pixels, out_blocks })];
  if (weights.kind === "depthwise") {
    return [call(qconv2dDepthwise, buffers, { ...sizes, images: x.shape[0] })];
  }
  const group_out = w.shape[0] / attributes.group;
  const grouped = { pixels, out_blocks, group_in: w.shape[1], group_out, out_channels: w.shape[0] };
  return [call(qconv2dGrouped, buffers, { ...sizes, ...grouped })];
}

export type PackedWeights = {
  readonly kind: "tiled" | "depthwise" | "grouped";
  readonly words: Uint32Array;
  /** Σw of each output channel. */
  readonly sums: Int32Array;
};

/** Weights [O,C/group,…taps] as the kernels read them. */
export function weightsOf(w: Known, group: number, channels: number): PackedWeights {
  const bytes = signedBytes(w);
  const sums = sumsOf(bytes, w.shape[0]);
  if (group === 1) return { kind: "tiled", words: tiled(bytes, w.shape), sums };
  const isDepthwise = group === channels && w.shape[0] === group;
  if (isDepthwise) return { kind: "depthwise", words: depthwise(bytes, w.shape), sums };
  return { kind: "grouped", words: grouped(bytes, w.shape), sums };
}

function sumsOf(bytes: Int8Array, outputs: number): Int32Array {
  const each = bytes.length / outputs;
  return Int32Array.from({ length: outputs }, (_, o) => {
    let sum = 0;
    for (let k = o * each; k < (o + 1) * each; k++) sum += bytes[k];
    return sum;
  });
}

/** [out/8][taps][in/4][8 out] words of four input channels. */
function tiled(bytes: Int8Array, [outputs, inputs, ...kernel]: Shape): Uint32Array {
  const taps = kernel.reduce((a, b) => a * b, 1);
  const blocks = Math.ceil(inputs / 4);
  const packed = new Int8Array(Math.ceil(outputs / 8) * taps * blocks * 32);
  for (let o = 0; o < outputs; o++) {
    for (let c = 0; c < inputs; c++) {
      for (let t = 0; t < taps; t++) {
        const word = (((o >> 3) * taps + t) * blocks + (c >> 2)) * 8 + (o & 7);
        packed[word * 4 + (c & 3)] = bytes[(o * inputs + c) * taps + t];
      }
    }
  }
  return new Uint32Array(packed.buffer);
}

/** [taps][channels/4] words of four channels. */
function depthwise(bytes: Int8Array, [channels, , ...kernel]: Shape): Uint32Array {
  const taps = kernel.reduce((a, b) => a * b, 1);
  const blocks = Math.ceil(channels / 4);
  return Uint32Array.from({ length: taps * blocks }, (_, i) => {
    const [tap, block] = [Math.floor(i / blocks), i % blocks];
    return packBytes([0, 1, 2, 3].map((lane) => bytes[(block * 4 + lane) * taps + tap] ?? 0));
  });
}

/** [out][taps][in] bytes. */
function grouped(bytes: Int8Array, [outputs, inputs, ...kernel]: Shape): Uint32Array {
  const taps = kernel.reduce((a, b) => a * b, 1);
  const packed = new Int8Array(Math.ceil(bytes.length / 4) * 4);
  for (let o = 0; o < outputs; o++) {
    for (let c = 0; c < inputs; c++) {
      for (let t = 0; t < taps; t++) {
        packed[(o * taps + t) * inputs + c] = bytes[(o * inputs + c) * taps + t];
      }
    }
  }
  return new Uint32Array(packed.buffer);
}
