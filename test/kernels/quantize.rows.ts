import { dequantizeLinear, fakeQuantize, quantizeLinear } from "../../src/kernels/quantize.ts";
import { type Bound, exact, type KernelRows, type Row, seededFloats, ulp } from "./row.ts";

type Codes = {
  readonly x: Float32Array;
  readonly scale: readonly number[];
  readonly zeroPoint?: readonly number[];
  /** Elements in a row that share a channel. */
  readonly inner?: number;
  readonly signed?: boolean;
};

/** Ties and saturation on purpose; the scales of these rows are powers of two, so that quotients are exact. */
const ties = Float32Array.of(
  0.5,
  1.5,
  2.5,
  -0.5,
  -1.5,
  -2.5,
  127.5,
  126.5,
  -127.5,
  -128.5,
  255.5,
  254.5,
  1e9,
  -1e9,
  0,
  -0,
);

function row(name: string, { x, scale, zeroPoint, inner = 1, signed = true }: Codes, bound: Bound): Row {
  return {
    name,
    numbers: {
      per_channel: Number(scale.length > 1),
      has_zero_point: Number(zeroPoint !== undefined),
      quads: Math.ceil(x.length / 4),
      inner,
      channels: scale.length,
      code_low: signed ? -128 : 0,
      code_high: signed ? 127 : 255,
    },
    buffers: {
      x,
      scale,
      zero_point: zeroPoint && Int32Array.from(zeroPoint),
      y: new Float32Array(x.length),
    },
    bound,
  };
}

const channels = { scale: [0.25, 0.5, 1], zeroPoint: [3, -7, 0], inner: 5 };
const codes: readonly Row[] = [
  row("one tie", { x: ties.slice(0, 1), scale: [1] }, exact),
  row("ties and saturation, no zero point", { x: ties, scale: [1] }, exact),
  row(
    "ties and saturation, unsigned, zero point",
    { x: ties, scale: [1], zeroPoint: [128], signed: false },
    exact,
  ),
  row("ties of scale 2^−4", { x: ties.map((v) => v / 16), scale: [1 / 16], zeroPoint: [-3] }, exact),
  row("per channel, 17 numbers", { x: seededFloats(17, 3).map((v) => v * 40), ...channels }, exact),
  row("per channel, no zero point", { x: ties, ...channels, zeroPoint: undefined }, exact),
  row(
    "several workgroups",
    { x: seededFloats(1003, 3).map((v) => v * 40), scale: [0.5], zeroPoint: [9] },
    exact,
  ),
];

function asIntegers({ buffers, ...row }: Row): Row {
  return { ...row, buffers: { ...buffers, y: new Int32Array((buffers.y as Float32Array).length) } };
}

/** The shader of DequantizeLinear does not clamp: it has no code_low and code_high. */
function dequantizeRow(
  name: string,
  x: Int32Array,
  scale: readonly number[],
  zeroPoint?: readonly number[],
  inner = 1,
): Row {
  const { numbers: { code_low: _low, code_high: _high, ...numbers }, buffers } = row(
    name,
    { x: new Float32Array(x.length), scale, zeroPoint, inner },
    exact,
  );
  return { name, numbers, buffers: { ...buffers, x }, bound: exact };
}

const integers = Int32Array.from({ length: 1003 }, (_, i) => ((i * 7919) % 256) - 128);

export const rows: readonly KernelRows[] = [
  {
    kernel: fakeQuantize,
    rows: [
      ...codes,
      row("a scale of 0.1: steps exact, products rounded once", {
        x: Float32Array.from(integers, (code) => Math.fround((code + 0.25) * 0.1)),
        scale: [0.1],
        zeroPoint: [11],
      }, ulp(1, "the last product may be rounded otherwise")),
    ],
  },
  { kernel: quantizeLinear, rows: codes.map(asIntegers) },
  {
    kernel: dequantizeLinear,
    rows: [
      dequantizeRow("one code", Int32Array.of(127), [0.5]),
      dequantizeRow("all codes, zero point", integers, [0.25], [-128]),
      dequantizeRow("a scale of 0.1", integers, [0.1], [3]),
      dequantizeRow("per channel", integers, [0.5, 0.1, 2, 0.3], [1, 2, -3, 0], 7),
      dequantizeRow(
        "biases past 2^24 are rounded first",
        Int32Array.of(2 ** 24 + 1, 2 ** 30 + 3, -(2 ** 25) - 3, 5),
        [0.3],
      ),
    ],
  },
];
