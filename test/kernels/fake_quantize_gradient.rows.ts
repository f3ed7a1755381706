import { fakeQuantizeGradient } from "../../src/kernels/fake_quantize_gradient.ts";
import { type Bound, exact, type KernelRows, type Row, seededFloats, within } from "./row.ts";

type Codes = {
  readonly x: Float32Array;
  readonly scale: readonly number[];
  readonly zeroPoint?: readonly number[];
  readonly inner?: number;
  readonly low?: number;
  readonly high?: number;
};

const sorts = ["by x", "by scale"] as const;

function bothRows(
  name: string,
  bound: Bound,
  { x, scale, zeroPoint, inner = 1, low = -8, high = 7 }: Codes,
): Row[] {
  return sorts.map((sort, by_scale) => ({
    name: `${name}, ${sort}`,
    numbers: {
      per_channel: Number(scale.length > 1),
      has_zero_point: Number(zeroPoint !== undefined),
      by_scale,
      quads: Math.ceil(x.length / 4),
      inner,
      channels: scale.length,
      code_low: low,
      code_high: high,
    },
    buffers: {
      x,
      dy: Float32Array.from(x, (_, i) => ((i * 53) % 127 - 63) / 64),
      scale,
      zero_point: zeroPoint && Int32Array.from(zeroPoint),
      y: new Float32Array(x.length),
    },
    bound,
  }));
}

/** Ties, and values just inside and just outside the range; scales are powers of two, so quotients are exact. */
const ties = Float32Array.of(0.5, 1.5, -0.5, -2.5, 7.25, 7.5, 7.75, -8.25, -8.5, -8.75, 0, 100, -100);
const numbers = seededFloats(1003, 3).map((v) => v * 12);

export const rows: readonly KernelRows[] = [{
  kernel: fakeQuantizeGradient,
  rows: [
    ...bothRows("one number", exact, { x: Float32Array.of(0.25), scale: [1] }),
    ...bothRows("ties and the ends of the range", exact, { x: ties, scale: [1] }),
    ...bothRows("unsigned, zero point", exact, { x: ties, scale: [0.5], zeroPoint: [6], low: 0, high: 15 }),
    ...bothRows("per channel, several workgroups", exact, {
      x: numbers,
      scale: [0.5, 1, 2],
      zeroPoint: [1, -2, 0],
      inner: 7,
    }),
    ...bothRows(
      "a scale of 0.1, no ties",
      within(2 ** -17, "x / scale is 2.5 ulp off, of numbers up to 16"),
      {
        x: Float32Array.from(numbers, (v) => (Math.round(v) + 0.25) * 0.1),
        scale: [0.1],
      },
    ),
  ],
}];
