// QLinearConv (ONNX QLinearConv-10): a convolution of codes. x [N,C,…], w [O,C/group,…], B int32 [O] → y codes
// [N,O,…]. Equal to ONNX Runtime's CPU provider bit for bit.
import type { StaticValue } from "../graph/graph.ts";
import { call, type Kernel, type Numbers } from "../kernels/kernel.ts";
import { nibblesApart, packBytes, packNibbles } from "../kernels/lib/bytes.ts";
import { qconv2dDepthwise } from "../kernels/qconv2d_depthwise.ts";
import { qconv2dGrouped } from "../kernels/qconv2d_grouped.ts";
import { qconv2dTiled } from "../kernels/qconv2d_tiled.ts";
import type { Shape } from "../tensor/shape.ts";
import { Conv, convAttributes } from "./conv.ts";
import { packing } from "./lowering/layout.ts";
import { isNibble } from "./declare/on_codes.ts";
import { type Lowering, op, type Operand, requireInput } from "./declare/op.ts";
import { codingNumbers } from "./quantize.ts";
import { epilogueOf, isCentered, isPerTensor, padWord, toSignedBytes } from "./lowering/requantize.ts";
import { everyImage } from "./declare/part_axes.ts";
import { expandOnCodes } from "./expansion/qlinear_float.ts";
import { flattenPacked, isFlat, type Weights } from "./lowering/packed_depth.ts";
import { windowNumbers, windowOver } from "./lowering/window.ts";

type Attributes = Parameters<typeof windowOver>[2] & { group: number; clamp_low: number; clamp_high: number };

export const QLinearConv = op({
  since: 10,
  attributes: convAttributes,
  types: "numbers",
  quantization: { codes: "multiplies" },
  planning: { fusesClamp: true, partAxes: everyImage, packs: "packed_channels" },
  role: { kind: "resists" },
  infer(inputs, _, node) {
    const [{ shape }] = Conv.infer([requireInput(inputs, 0), requireInput(inputs, 3), inputs[8]], node);
    return [{ dtype: inputs[7]?.dtype ?? "uint8", shape }];
  },
  expand(builder, a, { attributes }) {
    const [x, xScale, xZero, w, wScale, wZero, yScale, yZero, bias] = builder.inputs;
    const isKnown = [w, wScale, bias].every((one) => !one || one.constant);
    const isPacked = isKnown && isCentered(w, wZero) && isPerTensor(xScale, xZero, yScale, yZero) &&
      isFlat(windowOver(x!.shape.slice(2), w!.shape.slice(2), a), a.group);
    return isPacked ? false : expandOnCodes(builder, "Conv", 0, attributes);
  },
  lower: lowerConv,
});

function lowerConv(lowering: Lowering, attributes: Attributes) {
  const { inputs, outputs: [y], constant } = lowering;
  const [x, xScale, xZero, w, wScale, , yScale, yZero, bias] = inputs as Operand[];
  const window = windowOver(x.shape.slice(2), w.shape.slice(2), attributes);
  const pad_word = padWord(codingNumbers(x.dtype, xScale, xZero));
  const { calls, plane } = flattenPacked(
    {
      x: x.buffer,
      images: x.shape[0],
      blocks: packing(x).blocks,
      window,
      weights: weightsIn(w),
    },
    pad_word,
    lowering,
  );
  const weights = packWeights(plane.weights, attributes.group, x.shape[1]);
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
    x: plane.x,
    w: constant(weights.words),
    bias: constant(epilogue.bias),
    multiplier: constant(epilogue.multiplier),
    y: y.buffer,
  };
  const sizes = {
    height: plane.window.size[0],
    width: plane.window.size[1],
    blocks: plane.blocks,
    ...windowNumbers(plane.window),
    ...epilogue.numbers,
    ...weights.numbers,
    pad_word,
  };
  const { rows: pixels, blocks: out_blocks } = packing(y);
  const group_out = w.shape[0] / attributes.group;
  const more: Numbers = {
    tiled: { pixels, out_blocks },
    depthwise: { images: plane.images, side_by_side: Number(sideBySide(sizes)) },
    grouped: { pixels, out_blocks, group_in: w.shape[1], group_out, out_channels: w.shape[0] },
  }[weights.kind];
  return [...calls, call(weights.kernel, buffers, { ...sizes, ...more })];
}

function sideBySide({ kernel_x, stride_x, dilation_x }: Numbers): boolean {
  return kernel_x === 3 && stride_x === 1 && dilation_x === 1;
}

export function weightsIn(codes: StaticValue): Weights {
  return { bytes: toSignedBytes(codes), shape: codes.shape, bits: isNibble(codes) ? 4 : 8 };
}

const kernels = { tiled: qconv2dTiled, depthwise: qconv2dDepthwise, grouped: qconv2dGrouped };

export type PackedWeights = {
  readonly kind: keyof typeof kernels;
  readonly kernel: Kernel;
  /** The kernel's numbers for this packing. */
  readonly numbers: Numbers;
  readonly words: Uint32Array;
  /** Σw of each output channel. */
  readonly sums: Int32Array;
};

/** The most window columns whose sums of byte products stay below 2^22, as qconv2d_depthwise requires. */
const widest = 256;

/** Packs weights as their kernel reads them. */
export function packWeights({ bytes, shape, bits }: Weights, group: number, channels: number): PackedWeights {
  const isDepthwise = group === channels && shape[0] === group && shape[shape.length - 1] <= widest;
  const kind = group === 1 ? "tiled" : isDepthwise ? "depthwise" : "grouped";
  const words = { tiled: tileWeights, depthwise, grouped: groupedCalls }[kind](bytes, shape);
  return {
    kind,
    kernel: kernels[kind],
    numbers: bits === 4 ? { nibbles: 1 } : {},
    words: bits === 4 ? packNibbles(words, nibblesApart[kind]) : words,
    sums: sumsOf(bytes, shape[0]),
  };
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
function tileWeights(bytes: Int8Array, [outputs, inputs, ...kernel]: Shape): Uint32Array {
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
function groupedCalls(bytes: Int8Array, [outputs, inputs, ...kernel]: Shape): Uint32Array {
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
