// A convolution over depth becomes one over rows and columns whose channels are those of all slices in the window;
// the output's depth becomes images.
import { type Axis, copyNumbers, copyStrided } from "../../kernels/copy_strided.ts";
import { type Call, call } from "../../kernels/kernel.ts";
import type { Plane } from "./convolve.ts";
import { padChannels } from "./layout.ts";
import type { Scratch } from "../declare/op.ts";
import { isIdentity, joinLastAxes, type Window, windowAlong } from "./window.ts";

/** The input side of a convolution. */
type Input = Pick<Plane, "x" | "images" | "inChannels" | "group" | "window">;
type Flattened<P> = { readonly plane: P; readonly calls: readonly Call[] };

/** The plane of a convolution over depth, rows and columns, and the calls that copy its data. */
export function flattenDepth(deep: Plane, scratch: Scratch): Flattened<Plane> {
  const { plane, calls } = flattenInput(deep, scratch);
  if (plane.inChannels === deep.inChannels) return { plane, calls };
  const { window: area, inChannels, group } = plane;
  const w = scratch(deep.outChannels * (inChannels / group) * area.kernel[0] * area.kernel[1]);
  return {
    plane: { ...plane, w },
    calls: [...calls, orderWeights(deep, area, inChannels / deep.inChannels, w)],
  };
}

/** The same for the input alone. */
export function flattenInput<P extends Input>(deep: P, scratch: Scratch): Flattened<P> {
  const depth = windowAlong(deep.window, 0, 1);
  const area = windowAlong(deep.window, 1, 3);
  const images = deep.images * depth.out[0];
  if (isIdentity(depth)) return { plane: { ...deep, images, window: area }, calls: [] };
  if (isIdentity(area)) return { plane: { ...deep, window: joinLastAxes(deep.window, 1) }, calls: [] };
  const slices = depth.kernel[0];
  const inChannels = slices * deep.inChannels;
  const pixels = area.size[0] * area.size[1];
  const x = scratch(images * pixels * padChannels(inChannels));
  const calls = [
    ...Array.from({ length: slices }, (_, slice) => copySlice(deep, depth, pixels, slice, x)),
    ...fillSpare(images * pixels, inChannels, x),
  ];
  return { plane: { ...deep, x, images, inChannels, window: area }, calls };
}

/** Copies slice number `slice` of every window into its channels; zeros if it is padding. */
function copySlice(deep: Input, depth: Window, pixels: number, slice: number, y: string): Call {
  const { images, inChannels, group } = deep;
  const [size] = depth.size;
  const [count] = depth.out;
  const [stride] = depth.strides;
  const first = slice * depth.dilations[0] - depth.before[0];
  const low = Math.max(0, Math.ceil(-first / stride));
  const start = first + low * stride;
  const [lanes, outLanes] = [padChannels(inChannels), padChannels(inChannels * depth.kernel[0])];
  const each = inChannels / group;
  const axes: Axis[] = [
    { count: images, inStride: size * pixels * lanes, outStride: count * pixels * outLanes },
    {
      count,
      low,
      size: start < size ? Math.floor((size - 1 - start) / stride) + 1 : 0,
      inStride: stride * pixels * lanes,
      outStride: pixels * outLanes,
    },
    { count: pixels, inStride: lanes, outStride: outLanes },
    { count: group, inStride: each, outStride: each * depth.kernel[0] },
    { count: each, inStride: 1, outStride: 1 },
  ];
  return call(copyStrided, { x: deep.x, y }, copyNumbers(axes, start * pixels * lanes, slice * each));
}

/** Padding lanes are multiplied by zero, so they must be finite. */
function fillSpare(pixels: number, channels: number, y: string): Call[] {
  const lanes = padChannels(channels);
  if (lanes === channels) return [];
  const axes: Axis[] = [
    { count: pixels, inStride: 0, outStride: lanes },
    { count: lanes - channels, size: 0, inStride: 0, outStride: 1 },
  ];
  return [call(copyStrided, { x: undefined, y }, copyNumbers(axes, 0, channels))];
}

/** [out][in / group][slices][taps] → [out][slices][in / group][taps]. */
function orderWeights(deep: Plane, area: Window, slices: number, y: string): Call {
  const each = deep.inChannels / deep.group;
  const taps = area.kernel[0] * area.kernel[1];
  const axes: Axis[] = [
    { count: deep.outChannels, inStride: each * slices * taps, outStride: each * slices * taps },
    { count: slices, inStride: taps, outStride: each * taps },
    { count: each, inStride: slices * taps, outStride: taps },
    { count: taps, inStride: 1, outStride: 1 },
  ];
  return call(copyStrided, { x: deep.w, y }, copyNumbers(axes));
}
