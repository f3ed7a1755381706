// Conv (ONNX Conv-1, 11, 22), two spatial axes, any groups. x [N,C,H,W], w [O,C/group,R,S], b [O] → y [N,O,H',W'].
import { ModelError } from "../error.ts";
import { conv2dDepthwise } from "../kernels/conv2d_depthwise.ts";
import { conv2dGrouped } from "../kernels/conv2d_grouped.ts";
import { conv2dTiled } from "../kernels/conv2d_tiled.ts";
import { copyNumbers, copyStrided } from "../kernels/copy_strided.ts";
import { call } from "../kernels/kernel.ts";
import { packConv2d } from "../kernels/pack_conv2d.ts";
import { elementCount, type Shape } from "../tensor/shape.ts";
import { clampAttributes, clampNumbers } from "./clamp.ts";
import { paddedChannels } from "./layout.ts";
import { productOnCodes } from "./on_codes.ts";
import { int, ints, type Lowering, op, type Operand, required, text } from "./op.ts";
import { type Window, windowNumbers, windowOver } from "./window.ts";

const attributes = {
  strides: ints([]),
  pads: ints([]),
  dilations: ints([]),
  group: int(1),
  auto_pad: text("NOTSET"),
  ...clampAttributes,
};

type Attributes = Parameters<typeof windowOver>[2] & { group: number; clamp_low: number; clamp_high: number };

export const Conv = op({
  attributes,
  layout: "channels_last",
  clampable: true,
  role: { kind: "computes", weight: 1, bias: 2, axis: () => 0, moments: () => "ConvMoments" },
  onCodes: productOnCodes("QLinearConv"),
  infer(inputs, a) {
    const x = required(inputs, 0);
    const w = required(inputs, 1);
    checkShapes(x.shape, w.shape, a.group);
    if (inputs[2] && elementCount(inputs[2].shape) !== w.shape[0]) {
      throw new ModelError(
        `Cannot convolve with a bias of shape [${inputs[2].shape}]: expected [${w.shape[0]}]`,
      );
    }
    const window = windowOver(x.shape.slice(2), w.shape.slice(2), a);
    return [{ dtype: x.dtype, shape: [x.shape[0], w.shape[0], ...window.out] }];
  },
  lower(lowering) {
    const [x, w] = lowering.inputs as Operand[];
    const { group } = lowering.attributes;
    const window = windowOver(x.shape.slice(2), w.shape.slice(2), lowering.attributes);
    if (group === 1) return dense(lowering, window);
    const depthwise = group === x.shape[1] && group === w.shape[0];
    return depthwise ? lowerDepthwise(lowering, window) : grouped(lowering, window);
  },
});

function checkShapes(x: Shape, w: Shape, group: number) {
  if (x.length !== w.length || x.length < 3) {
    throw new ModelError(`Cannot convolve [${x}] with weights [${w}]: ranks are ${x.length} and ${w.length}`);
  }
  if (x[1] !== w[1] * group || w[0] % group !== 0) {
    throw new ModelError(
      `Cannot convolve [${x}] with weights [${w}] in ${group} groups: ${x[1]} input channels, expected ${
        w[1] * group
      }`,
    );
  }
}

function dense({ inputs, outputs, attributes, scratch }: Lowering<Attributes>, window: Window) {
  const [x, w, bias] = inputs as Operand[];
  const [y] = outputs;
  const taps = window.kernel[0] * window.kernel[1];
  const blocks = paddedChannels(x.shape[1]) / 4;
  const count = Math.ceil(w.shape[0] / 8) * taps * blocks * 32;
  const packed = scratch(count);
  return [
    call(packConv2d, { w: w.buffer, y: packed }, {
      out_channels: w.shape[0],
      in_channels: w.shape[1],
      taps,
      in_blocks: blocks,
      count,
    }),
    call(conv2dTiled, { x: x.buffer, w: packed, bias: bias?.buffer, y: y.buffer }, {
      has_bias: Number(bias !== undefined),
      pixels: y.shape[0] * y.shape[2] * y.shape[3],
      height: x.shape[2],
      width: x.shape[3],
      blocks,
      out_channels: y.shape[1],
      out_blocks: paddedChannels(y.shape[1]) / 4,
      ...windowNumbers(window),
      ...clampNumbers(attributes),
    }),
  ];
}

function lowerDepthwise({ inputs, outputs, attributes, scratch }: Lowering<Attributes>, window: Window) {
  const [x, w, bias] = inputs as Operand[];
  const [y] = outputs;
  const channels = x.shape[1];
  const lanes = paddedChannels(channels);
  const taps = window.kernel[0] * window.kernel[1];
  const packed = scratch(taps * lanes);
  const axes = [
    { count: taps, inStride: 1, outStride: lanes },
    { count: lanes, size: channels, inStride: taps, outStride: 1 },
  ];
  return [
    call(copyStrided, { x: w.buffer, y: packed }, copyNumbers(axes)),
    call(conv2dDepthwise, { x: x.buffer, w: packed, bias: bias?.buffer, y: y.buffer }, {
      has_bias: Number(bias !== undefined),
      images: x.shape[0],
      height: x.shape[2],
      width: x.shape[3],
      blocks: lanes / 4,
      channels,
      ...windowNumbers(window),
      ...clampNumbers(attributes),
    }),
  ];
}

function grouped({ inputs, outputs, attributes }: Lowering<Attributes>, window: Window) {
  const [x, w, bias] = inputs as Operand[];
  const [y] = outputs;
  return [
    call(conv2dGrouped, { x: x.buffer, w: w.buffer, bias: bias?.buffer, y: y.buffer }, {
      has_bias: Number(bias !== undefined),
      images: x.shape[0],
      height: x.shape[2],
      width: x.shape[3],
      stride_channels: paddedChannels(x.shape[1]),
      out_channels: y.shape[1],
      out_stride_channels: paddedChannels(y.shape[1]),
      group_in: w.shape[1],
      group_out: w.shape[0] / attributes.group,
      ...windowNumbers(window),
      ...clampNumbers(attributes),
    }),
  ];
}
