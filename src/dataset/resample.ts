// Resizing bit for bit as in Pillow (src/libImaging/Resample.c), which models were trained and published with; sharp's
// kernels differ from it by up to 80 of 256 levels when enlarging and 16 when reducing.
import type { Pixels } from "./pixels.ts";

/** Pillow's numbering, which Hugging Face files use: nearest, lanczos, bilinear, bicubic, box, hamming. */
export type Filter = 0 | 1 | 2 | 3 | 4 | 5;

type Kernel = { readonly support: number; readonly weight: (x: number) => number };

const kernels: Record<Exclude<Filter, 0>, Kernel> = {
  1: { support: 3, weight: (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0) },
  2: { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) },
  3: { support: 2, weight: (x) => cubic(Math.abs(x)) },
  4: { support: 0.5, weight: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) },
  5: { support: 1, weight: (x) => (Math.abs(x) < 1 ? sinc(x) * (0.54 + 0.46 * Math.cos(Math.PI * x)) : 0) },
};

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/** Keys' cubic with a = −0.5. */
function cubic(x: number): number {
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
  return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
}

/** Pillow's `image.resize((width, height), filter)`: the kernel widens when reducing (antialiasing). */
export function resample(pixels: Pixels, width: number, height: number, filter: Filter): Pixels {
  if (filter === 0) return nearest(pixels, width, height);
  const wide = width === pixels.width ? pixels : resampleRows(pixels, width, kernels[filter]);
  return height === wide.height ? wide : resampleColumns(wide, height, kernels[filter]);
}

function nearest(pixels: Pixels, width: number, height: number): Pixels {
  const { channels } = pixels;
  const columns = nearestSources(pixels.width, width);
  const rows = nearestSources(pixels.height, height);
  const data = new Uint8Array(width * height * channels);
  let to = 0;
  for (const row of rows) {
    for (const column of columns) {
      const from = (row * pixels.width + column) * channels;
      for (let c = 0; c < channels; c++) data[to++] = pixels.data[from + c];
    }
  }
  return { width, height, channels, data };
}

/** Positions are accumulated, not multiplied: Pillow's affine scan rounds the same way. */
function nearestSources(before: number, after: number): number[] {
  const step = before / after;
  let position = step * 0.5;
  return Array.from({ length: after }, () => {
    const source = Math.min(Math.floor(position), before - 1);
    position += step;
    return source;
  });
}

/** Which inputs contribute to an output, with weights in fixed point. */
type Taps = {
  readonly first: Int32Array;
  readonly count: Int32Array;
  readonly weights: Int32Array;
  readonly stride: number;
};

/** 32 bits minus 8 of a pixel and 2 of headroom for weights above one. */
const fractionBits = 22;
const half = 1 << (fractionBits - 1);

function tapsOf(before: number, after: number, kernel: Kernel): Taps {
  const scale = before / after;
  const widening = Math.max(scale, 1);
  const support = kernel.support * widening;
  const stride = Math.ceil(support) * 2 + 1;
  const taps = {
    first: new Int32Array(after),
    count: new Int32Array(after),
    weights: new Int32Array(after * stride),
    stride,
  };
  for (let i = 0; i < after; i++) {
    const centre = (i + 0.5) * scale;
    const first = Math.max(Math.trunc(centre - support + 0.5), 0);
    const count = Math.min(Math.trunc(centre + support + 0.5), before) - first;
    const weights = Array.from(
      { length: count },
      (_, k) => kernel.weight((k + first - centre + 0.5) * (1 / widening)),
    );
    const sum = weights.reduce((total, weight) => total + weight, 0);
    taps.first[i] = first;
    taps.count[i] = count;
    weights.forEach((weight, k) =>
      taps.weights[i * stride + k] = toFixedPoint(sum === 0 ? weight : weight / sum)
    );
  }
  return taps;
}

function toFixedPoint(weight: number): number {
  return Math.trunc(weight * 2 ** fractionBits + (weight < 0 ? -0.5 : 0.5));
}

function level(sum: number): number {
  const value = sum >> fractionBits;
  return value < 0 ? 0 : value > 255 ? 255 : value;
}

function resampleRows(
  { width: before, height, channels, data: from }: Pixels,
  width: number,
  kernel: Kernel,
): Pixels {
  const { first, count, weights, stride } = tapsOf(before, width, kernel);
  const data = new Uint8Array(width * height * channels);
  let to = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const start = (y * before + first[x]) * channels;
      for (let c = 0; c < channels; c++) {
        let sum = half;
        for (let k = 0; k < count[x]; k++) sum += from[start + c + k * channels] * weights[x * stride + k];
        data[to++] = level(sum);
      }
    }
  }
  return { width, height, channels, data };
}

function resampleColumns(
  { width, height: before, channels, data: from }: Pixels,
  height: number,
  kernel: Kernel,
): Pixels {
  const { first, count, weights, stride } = tapsOf(before, height, kernel);
  const rowLength = width * channels;
  const data = new Uint8Array(height * rowLength);
  const sums = new Int32Array(rowLength);
  for (let y = 0; y < height; y++) {
    sums.fill(half);
    for (let k = 0; k < count[y]; k++) {
      const weight = weights[y * stride + k];
      const start = (first[y] + k) * rowLength;
      for (let i = 0; i < rowLength; i++) sums[i] += from[start + i] * weight;
    }
    for (let i = 0; i < rowLength; i++) data[y * rowLength + i] = level(sums[i]);
  }
  return { width, height, channels, data };
}
