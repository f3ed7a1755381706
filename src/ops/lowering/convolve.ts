// The calls of a convolution over rows and columns: chooses the kernel by groups and packs its weights.
import { conv2dDepthwise } from "../../kernels/conv2d_depthwise.ts";
import { conv2dGrouped } from "../../kernels/conv2d_grouped.ts";
import { conv2dTiled } from "../../kernels/conv2d_tiled.ts";
import { copyNumbers, copyStrided } from "../../kernels/copy_strided.ts";
import { type Call, call } from "../../kernels/kernel.ts";
import { packConv2d } from "../../kernels/pack_conv2d.ts";
import { clampNumbers } from "./clamp.ts";
import { padChannels } from "./layout.ts";
import type { Scratch } from "../declare/op.ts";
import { type Window, windowNumbers } from "./window.ts";

/** x and y are channels last, w is [out][in / group][taps], as ONNX stores it. */
export type Plane = {
  readonly x: string;
  readonly w: string;
  readonly bias?: string;
  /** Added before the clamp: laid out as y. Dense convolutions only. */
  readonly residual?: string;
  readonly y: string;
  readonly images: number;
  readonly inChannels: number;
  readonly outChannels: number;
  readonly group: number;
  /** Over rows and columns. */
  readonly window: Window;
  readonly clamp: { readonly clamp_low: number; readonly clamp_high: number };
};

export function convolve(plane: Plane, scratch: Scratch): Call[] {
  const { group, inChannels, outChannels } = plane;
  if (group === 1) return dense(plane, scratch);
  return group === inChannels && group === outChannels ? depthwise(plane, scratch) : groupedCalls(plane);
}

function dense(plane: Plane, scratch: Scratch): Call[] {
  const { images, inChannels, outChannels, window } = plane;
  const taps = window.kernel[0] * window.kernel[1];
  const blocks = padChannels(inChannels) / 4;
  const count = Math.ceil(outChannels / 8) * taps * blocks * 32;
  const packed = scratch(count);
  return [
    call(packConv2d, { w: plane.w, y: packed }, {
      out_channels: outChannels,
      in_channels: inChannels,
      taps,
      in_blocks: blocks,
      count,
    }),
    call(conv2dTiled, { x: plane.x, w: packed, bias: plane.bias, residual: plane.residual, y: plane.y }, {
      has_bias: Number(plane.bias !== undefined),
      has_residual: Number(plane.residual !== undefined),
      pixels: images * window.out[0] * window.out[1],
      height: window.size[0],
      width: window.size[1],
      blocks,
      out_channels: outChannels,
      out_blocks: padChannels(outChannels) / 4,
      ...windowNumbers(window),
      ...clampNumbers(plane.clamp),
    }),
  ];
}

function depthwise(plane: Plane, scratch: Scratch): Call[] {
  const { images, inChannels, window } = plane;
  const lanes = padChannels(inChannels);
  const taps = window.kernel[0] * window.kernel[1];
  const packed = scratch(taps * lanes);
  const axes = [
    { count: taps, inStride: 1, outStride: lanes },
    { count: lanes, size: inChannels, inStride: taps, outStride: 1 },
  ];
  return [
    call(copyStrided, { x: plane.w, y: packed }, copyNumbers(axes)),
    call(conv2dDepthwise, { x: plane.x, w: packed, bias: plane.bias, y: plane.y }, {
      has_bias: Number(plane.bias !== undefined),
      images,
      height: window.size[0],
      width: window.size[1],
      blocks: lanes / 4,
      channels: inChannels,
      ...windowNumbers(window),
      ...clampNumbers(plane.clamp),
    }),
  ];
}

function groupedCalls(plane: Plane): Call[] {
  const { images, inChannels, outChannels, group, window } = plane;
  return [
    call(conv2dGrouped, { x: plane.x, w: plane.w, bias: plane.bias, y: plane.y }, {
      has_bias: Number(plane.bias !== undefined),
      images,
      height: window.size[0],
      width: window.size[1],
      stride_channels: padChannels(inChannels),
      out_channels: outChannels,
      out_stride_channels: padChannels(outChannels),
      group_in: inChannels / group,
      group_out: outChannels / group,
      ...windowNumbers(window),
      ...clampNumbers(plane.clamp),
    }),
  ];
}
