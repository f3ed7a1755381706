// Transposed convolutions by definition, and as equivalent convolutions.
import type { Moments } from "../../src/finetune/moments.ts";
import { intAttribute, intsAttribute } from "../../src/graph/attribute.ts";
import type { Attribute } from "../../src/graph/graph.ts";
import { elementCount } from "../../src/tensor/shape.ts";
import { floats, type Tensor, tensor } from "../../src/tensor/tensor.ts";
import { seededFloats } from "../kernels/row.ts";
import { type Convolution, momentsOfPatches } from "./patches.ts";

type Pair = readonly [number, number];

export type Transposed = {
  readonly x: readonly [number, number, number, number];
  /** [C, O / groups, height, width] */
  readonly w: readonly [number, number, number, number];
  readonly groups?: number;
  readonly strides?: Pair;
  readonly dilations?: Pair;
  readonly pads?: readonly [top: number, left: number, bottom: number, right: number];
  readonly output_padding?: Pair;
};

export const transposes: Readonly<Record<string, Transposed>> = {
  "stride 1": { x: [2, 3, 4, 5], w: [3, 5, 3, 2], pads: [1, 1, 0, 0] },
  "stride 2, output padding": {
    x: [2, 8, 4, 3],
    w: [8, 5, 3, 3],
    strides: [2, 2],
    pads: [1, 1, 1, 1],
    output_padding: [1, 1],
  },
  "strides, dilations and pads differ": {
    x: [1, 4, 5, 4],
    w: [4, 6, 3, 2],
    strides: [1, 2],
    dilations: [2, 1],
    pads: [3, 0, 1, 1],
  },
  "as many taps as steps": { x: [3, 5, 3, 3], w: [5, 2, 2, 2], strides: [2, 2] },
  "groups of 3 in and 2 out": {
    x: [2, 6, 4, 4],
    w: [6, 2, 3, 3],
    groups: 2,
    strides: [2, 1],
    pads: [1, 1, 1, 1],
  },
  "depthwise": { x: [2, 4, 4, 4], w: [4, 1, 4, 4], groups: 4, strides: [2, 2], pads: [1, 1, 1, 1] },
};

const still: Pair = [1, 1];

export function attributesOf({ groups = 1, ...rest }: Transposed): Map<string, Attribute> {
  const { x: _, w: __, ...lists } = rest;
  const all = Object.entries(lists).map(([key, list]): [string, Attribute] => [key, intsAttribute(list)]);
  return new Map([["group", intAttribute(groups)], ...all]);
}

export function sizeOf({ x, w, strides = still, dilations = still, pads, output_padding }: Transposed) {
  return [0, 1].map((i) =>
    strides[i] * (x[i + 2] - 1) + (output_padding?.[i] ?? 0) + dilations[i] * (w[i + 2] - 1) + 1 -
    (pads ? pads[i] + pads[i + 2] : 0)
  );
}

/** One column per position: the values that the weights of a group's channel are multiplied by. */
export function transposedPatches(values: ArrayLike<number>, layer: Transposed): number[][][] {
  const { x, w, groups = 1, strides = still, dilations = still, pads = [0, 0, 0, 0] } = layer;
  const [[images, channels, height, width], [, , down, across], [high, wide]] = [x, w, sizeOf(layer)];
  const perGroup = channels / groups;
  const patches = Array.from(
    { length: groups },
    () =>
      Array.from({ length: images * high * wide }, () => new Array<number>(perGroup * down * across).fill(0)),
  );
  // As ONNX defines it: every element of x is spread over the outputs by every weight of its channel.
  for (let at = 0; at < elementCount(x); at++) {
    const [ix, iy] = [at % width, Math.floor(at / width) % height];
    const [c, image] = [
      Math.floor(at / width / height) % channels,
      Math.floor(at / width / height / channels),
    ];
    for (let tap = 0; tap < down * across; tap++) {
      const oy = iy * strides[0] + Math.floor(tap / across) * dilations[0] - pads[0];
      const ox = ix * strides[1] + (tap % across) * dilations[1] - pads[1];
      if (oy < 0 || oy >= high || ox < 0 || ox >= wide) continue;
      const patch = patches[Math.floor(c / perGroup)][(image * high + oy) * wide + ox];
      patch[(c % perGroup) * down * across + tap] = values[at];
    }
  }
  return patches;
}

/** Random x, weights and target outputs (those of the weights, plus noise), with their moments. */
export function randomLayer(layer: Transposed) {
  const { x: shape, w, groups = 1 } = layer;
  const x = seededFloats(elementCount(shape), 1);
  const weights = seededFloats(elementCount(w), 2);
  const patches = transposedPatches(x, layer);
  const [perGroup, taps, [high, wide]] = [w[0] / groups, w[2] * w[3], sizeOf(layer)];
  const noise = seededFloats(shape[0] * groups * w[1] * high * wide, 3);
  const flat = noise.map((v) => 0.3 + v / 8);
  const wanted = patches.map((columns, group) =>
    columns.map((patch, position) =>
      Array.from({ length: w[1] }, (_, o) => {
        const [image, pixel] = [Math.floor(position / high / wide), position % (high * wide)];
        const place = (image * groups * w[1] + group * w[1] + o) * high * wide + pixel;
        for (const [k, v] of patch.entries()) {
          const c = group * perGroup + Math.floor(k / taps);
          flat[place] += v * weights[(c * w[1] + o) * taps + k % taps];
        }
        return flat[place];
      })
    )
  );
  return {
    x: tensor("float32", shape, x),
    y: tensor("float32", [shape[0], groups * w[1], high, wide], flat),
    weights,
    expected: momentsOfPatches(patches, wanted),
  };
}

/** The equivalent convolution, over x with zeros between its elements. */
export function convolutionOf(layer: Transposed, x: Tensor) {
  const { w, groups = 1, strides = still, dilations = still, pads = [0, 0, 0, 0], output_padding = [0, 0] } =
    layer;
  const [images, channels, height, width] = layer.x;
  const size = [height, width].map((n, i) => (n - 1) * strides[i] + 1);
  const apart = new Float32Array(images * channels * size[0] * size[1]);
  for (const [at, v] of floats(x).entries()) {
    const [ix, line] = [at % width, Math.floor(at / width)];
    const [iy, plane] = [line % height, Math.floor(line / height)];
    apart[(plane * size[0] + iy * strides[0]) * size[1] + ix * strides[1]] = v;
  }
  const around = [0, 1].map((i) => dilations[i] * (w[i + 2] - 1));
  const convolution: Convolution = {
    x: [images, channels, size[0], size[1]],
    w: [groups * w[1], channels / groups, w[2], w[3]],
    groups,
    dilations,
    pads: [0, 1, 2, 3].map((i) => around[i % 2] - pads[i] + (i < 2 ? 0 : output_padding[i - 2])),
  };
  return { convolution, x: tensor("float32", convolution.x, apart) };
}

/** Weights of a transposed convolution in the layout of a convolution, except for the order of the taps. */
export function swapAxes(weights: Float32Array, { w, groups = 1 }: Transposed) {
  const [channels, outputs, down, across] = w;
  const [perGroup, taps] = [channels / groups, down * across];
  const values = new Float32Array(weights.length);
  for (const [at, v] of weights.entries()) {
    const [tap, pair] = [at % taps, Math.floor(at / taps)];
    const [o, c] = [pair % outputs, Math.floor(pair / outputs)];
    const row = Math.floor(c / perGroup) * outputs + o;
    values[(row * perGroup + c % perGroup) * taps + tap] = v;
  }
  return { values, shape: [groups * outputs, perGroup, down, across] };
}

/** Moments of the convolution in the order of the transposed convolution's taps, which is reversed. */
export function reverseTaps(moments: Moments, { w }: Transposed): Moments {
  const { depth, outputs } = moments;
  const [taps, rows, columns] = [w[2] * w[3], depth + 1 + outputs, depth + 2];
  const from = (k: number) => k < depth ? k - k % taps + taps - 1 - k % taps : k;
  const sums = moments.sums.map((_, i) => {
    const [column, line] = [i % columns, Math.floor(i / columns)];
    return moments.sums[(line - line % rows + from(line % rows)) * columns + from(column)];
  });
  return { ...moments, sums };
}
