// A convolution of packed codes over one to three axes as one over rows and columns. As in depth_slices.ts for
// floats, the channels are those of all slices in the window, and the output's depth becomes images.
import { type Axis, copyNumbers, copyStrided } from "../../kernels/copy_strided.ts";
import { type Call, call, withElement } from "../../kernels/kernel.ts";
import { pad, padNumbers } from "../../kernels/pad.ts";
import { elementCount, type Shape } from "../../tensor/shape.ts";
import type { Lowering } from "../declare/op.ts";
import { isIdentity, joinLastAxes, planar, type Window, windowAlong } from "./window.ts";

/** Signed weights [O,C/group,…taps]. */
export type Weights = { readonly bytes: Int8Array; readonly shape: Shape; readonly bits: 4 | 8 };

/** The input of a convolution of codes: `blocks` words per pixel. */
export type Packed = {
  readonly x: string;
  readonly images: number;
  readonly blocks: number;
  readonly window: Window;
  readonly weights: Weights;
};

/** Whether `flattenPacked` supports it: a group's channels of several slices are not adjacent. */
export function isFlat(window: Window, group: number): boolean {
  if (window.size.length < 3 || group === 1) return true;
  return isIdentity(windowAlong(window, 0, 1)) || isIdentity(windowAlong(window, 1, 3));
}

/** The same convolution over rows and columns, and the calls that copy its input; `padWord` pads depth. */
export function flattenPacked(
  packed: Packed,
  padWord: number,
  { scratch, constant }: Pick<Lowering, "scratch" | "constant">,
): { readonly plane: Packed; readonly calls: readonly Call[] } {
  const { images, blocks, window, weights } = packed;
  if (window.size.length < 3) return { plane: { ...packed, window: planar(window) }, calls: [] };
  const [depth, area] = [windowAlong(window, 0, 1), windowAlong(window, 1, 3)];
  if (isIdentity(depth)) {
    return { plane: { ...packed, images: images * depth.out[0], window: area }, calls: [] };
  }
  if (isIdentity(area)) return { plane: { ...packed, window: joinLastAxes(window, 1) }, calls: [] };
  const [slices, slice] = [depth.kernel[0], elementCount(area.size) * blocks];
  const padded = { first: packed.x, size: depth.size[0], calls: [] as Call[] };
  if (depth.before[0] + depth.after[0] > 0) {
    padded.size += depth.before[0] + depth.after[0];
    padded.first = scratch(images * padded.size * slice, "u32");
    const axes = padAxes(images, depth, slice);
    const buffers = { x: packed.x, fill: constant(Uint32Array.of(padWord)), y: padded.first };
    padded.calls.push(call(withElement(pad, "u32"), buffers, padNumbers("constant", axes)));
  }
  const x = scratch(images * depth.out[0] * slices * slice, "u32");
  const axes = sliceAxes(packed, depth, padded.size);
  const seen = call(withElement(copyStrided, "u32"), { x: padded.first, y: x }, copyNumbers(axes));
  return {
    plane: {
      x,
      images: images * depth.out[0],
      blocks: slices * blocks,
      window: area,
      weights: inSlices(weights, blocks * 4),
    },
    calls: [...padded.calls, seen],
  };
}

/** The axes of a copy into padded depth, with slices of `slice` words. */
function padAxes(images: number, { size: [size], before, after }: Window, slice: number): Axis[] {
  const count = size + before[0] + after[0];
  return [
    { count: images, inStride: size * slice, outStride: count * slice },
    { count, low: before[0], size, inStride: slice, outStride: slice },
    { count: slice, inStride: 1, outStride: 1 },
  ];
}

/** [images][padded depth][pixels][blocks] → [images][depth of the result][pixels][slices][blocks]. */
function sliceAxes({ images, blocks, window }: Packed, depth: Window, size: number): Axis[] {
  const pixels = elementCount(window.size.slice(1));
  const [slice, slices] = [pixels * blocks, depth.kernel[0]];
  return [
    { count: images, inStride: size * slice, outStride: depth.out[0] * slices * slice },
    { count: depth.out[0], inStride: depth.strides[0] * slice, outStride: slices * slice },
    { count: pixels, inStride: blocks, outStride: slices * blocks },
    { count: slices, inStride: depth.dilations[0] * slice, outStride: blocks },
    { count: blocks, inStride: 1, outStride: 1 },
  ];
}

/** [out][in][slices][taps] as [out][slices · lanes][taps]: padding lanes are zero. */
function inSlices(
  { bytes, shape: [out, channels, slices, ...kernel], bits }: Weights,
  lanes: number,
): Weights {
  const taps = elementCount(kernel);
  const turned = new Int8Array(out * slices * lanes * taps);
  for (let o = 0; o < out; o++) {
    for (let c = 0; c < channels; c++) {
      for (let s = 0; s < slices; s++) {
        const from = ((o * channels + c) * slices + s) * taps;
        turned.set(bytes.subarray(from, from + taps), ((o * slices + s) * lanes + c) * taps);
      }
    }
  }
  return { bytes: turned, shape: [out, slices * lanes, ...kernel], bits };
}
