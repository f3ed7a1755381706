// The taps of each position of a resized axis (ONNX Resize-11 to 19): source positions and weights. Coordinates are
// computed in float32 like in ONNX Runtime, because the nearest pixel depends on their last bit.
import { ModelError } from "../../error.ts";
import { hostElements } from "./host_limit.ts";

export type Taps = {
  /** Taps per position. */
  readonly count: number;
  /** Source positions; the first is −1 if the position is outside and nothing is read. */
  readonly places: Int32Array;
  readonly weights: Float32Array;
};

export type Sampling = {
  readonly mode: string;
  readonly coordinates: string;
  readonly nearest: string;
  readonly cubicA: number;
  readonly excludeOutside: boolean;
  readonly antialias: boolean;
};

/** One axis: its size, its new length, their ratio as the model states it, and the region to read. */
export type Resized = {
  readonly size: number;
  readonly length: number;
  readonly scale: number;
  readonly roi: readonly [start: number, end: number];
};

const f = Math.fround;

const coordinates: Record<string, (x: number, axis: Resized) => number> = {
  half_pixel: (x, { scale }) => f(f(f(x + 0.5) / scale) - 0.5),
  pytorch_half_pixel: (x, axis) => axis.length > 1 ? coordinates.half_pixel(x, axis) : 0,
  tf_half_pixel_for_nn: (x, { scale }) => f(f(x + 0.5) / scale),
  asymmetric: (x, { scale }) => f(x / scale),
  // Corners map to corners, as in ONNX Runtime and PyTorch; ONNX's reference divides by scale · size − 1, which
  // differs if that is not an integer.
  align_corners: (x, { size, length }) => length === 1 ? 0 : f(f(x * (size - 1)) / (length - 1)),
  // ONNX Runtime adds 0.5 in doubles.
  half_pixel_symmetric(x, { size, length, scale }) {
    const adjustment = f(length / f(scale * size));
    return f(f(size / 2 * f(1 - adjustment)) + (x + 0.5) / scale - 0.5);
  },
  tf_crop_and_resize(x, { size, length, roi: [start, end] }) {
    if (length === 1) return f(0.5 * f(f(start + end) * (size - 1)));
    return f(f(start * (size - 1)) + f(f(f(x * f(end - start)) * (size - 1)) / (length - 1)));
  },
};

/** ONNX Runtime's tolerance for ties, because rounded scales make coordinates inexact. */
const half = 1e-6;

const nearest: Record<string, (x: number) => number> = {
  round_prefer_floor: (x) => Math.ceil(x - 0.5 - half),
  round_prefer_ceil: (x) => Math.floor(x + 0.5 + half),
  floor: Math.floor,
  ceil: Math.ceil,
};

/** An interpolation filter: its radius, and its value at a distance. */
type Filter = { readonly reach: number; readonly at: (distance: number) => number };

const filters: Record<string, (sampling: Sampling) => Filter> = {
  linear: () => ({ reach: 1, at: (d) => Math.max(0, 1 - Math.abs(d)) }),
  cubic: ({ cubicA: a }) => ({
    reach: 2,
    at(distance) {
      const d = Math.abs(distance);
      if (d >= 2) return 0;
      return d <= 1 ? ((a + 2) * d - (a + 3)) * d * d + 1 : ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
    },
  }),
};

/** Refuses modes that ONNX does not define. */
export function checkSampling({ mode, coordinates: transform, nearest: rounding }: Sampling) {
  const checkWord = (what: string, word: string, words: readonly string[]) => {
    if (words.includes(word)) return;
    throw new ModelError(`Cannot resize: ${what} is "${word}", expected ${words.join(", ")}`);
  };
  checkWord("mode", mode, ["nearest", ...Object.keys(filters)]);
  checkWord("coordinate_transformation_mode", transform, Object.keys(coordinates));
  checkWord("nearest_mode", rounding, Object.keys(nearest));
}

/** The taps of every position of a resized axis. */
export function tapsOf(axis: Resized, sampling: Sampling): Taps {
  const centres = Array.from(
    { length: hostElements([axis.length]) },
    // For a scale of 1, ONNX Runtime copies pixels, whatever the region.
    (_, x) => axis.scale === 1 ? x : coordinates[sampling.coordinates](x, axis),
  );
  const isOutside = (centre: number) =>
    sampling.coordinates === "tf_crop_and_resize" && !(centre >= 0 && centre <= axis.size - 1);
  const inside = (place: number) => Math.min(Math.max(place, 0), axis.size - 1);
  if (sampling.mode === "nearest") {
    const place = (x: number) => isOutside(x) ? -1 : inside(nearest[sampling.nearest](x));
    return {
      count: 1,
      places: Int32Array.from(centres, place),
      weights: new Float32Array(axis.length).fill(1),
    };
  }
  const filter = filters[sampling.mode](sampling);
  const squeeze = sampling.antialias ? Math.min(axis.scale, 1) : 1;
  const before = Math.ceil(filter.reach / squeeze) - 1;
  const count = 2 * (before + 1);
  hostElements([axis.length, count]);
  const places = new Int32Array(axis.length * count);
  const weights = new Float32Array(axis.length * count);
  centres.forEach((centre, x) => {
    const first = Math.floor(centre) - before;
    const raw = Array.from({ length: count }, (_, k) => {
      const place = first + k;
      const isMissing = sampling.excludeOutside && (place < 0 || place >= axis.size);
      return isMissing ? 0 : filter.at((place - centre) * squeeze);
    });
    const sum = raw.reduce((total, weight) => total + weight, 0);
    raw.forEach((weight, k) => {
      places[x * count + k] = inside(first + k);
      weights[x * count + k] = sum === 0 ? 0 : weight / sum;
    });
    if (isOutside(centre)) places[x * count] = -1;
  });
  return { count, places, weights };
}

/** Whether a table copies its input unchanged. */
export function isIdentity({ count, places, weights }: Taps, size: number): boolean {
  if (places.length !== size * count) return false;
  return places.every((place, i) =>
    weights[i] === 0 ? place >= 0 : place === Math.floor(i / count) && weights[i] === 1
  );
}
