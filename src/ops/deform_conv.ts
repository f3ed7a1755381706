// DeformConv (ONNX DeformConv-19, 22) over rows and columns. The window of each output pixel is gathered into
// channels; a 1×1 convolution does the rest. x [N,C,H,W], w [O,C/group,R,S], offset [N,G·R·S·2,H',W'], b [O], mask.
import { ModelError, UnsupportedError } from "../error.ts";
import { call } from "../kernels/kernel.ts";
import { deformColumns } from "../kernels/deform_columns.ts";
import { elementCount } from "../tensor/shape.ts";
import { clampAttributes } from "./lowering/clamp.ts";
import { convolve } from "./lowering/convolve.ts";
import { padChannels } from "./lowering/layout.ts";
import { int, ints, op, type Operand, requireInput } from "./declare/op.ts";
import { type Window, windowNumbers, windowOver } from "./lowering/window.ts";

const attributes = {
  strides: ints([]),
  pads: ints([]),
  dilations: ints([]),
  group: int(1),
  offset_group: int(1),
  ...clampAttributes,
};

export const DeformConv = op({
  since: 19,
  attributes,
  planning: {
    layout: "channels_last",
    fusesClamp: true,
    partAxes: () => ({ axes: 1, inputs: [1, 0, 1, 0, 1] }),
  },
  role: { kind: "resists" },
  infer(inputs, a) {
    const [x, w, offset] = [requireInput(inputs, 0), requireInput(inputs, 1), requireInput(inputs, 2)];
    if (x.shape.length !== 4) {
      throw new UnsupportedError(`Cannot convolve [${x.shape}] with offsets: expected rows and columns`);
    }
    const { out } = windowOf(x.shape, w.shape, a);
    const expected = [x.shape[0], a.offset_group * elementCount(w.shape.slice(2)) * 2, ...out];
    if (x.shape[1] !== w.shape[1] * a.group || offset.shape.join() !== expected.join()) {
      throw new ModelError(
        `Cannot convolve [${x.shape}] with weights [${w.shape}] and offsets [${offset.shape}] in ${a.group} groups: ` +
          `expected offsets of [${expected}] and ${w.shape[1] * a.group} channels`,
      );
    }
    return [{ dtype: x.dtype, shape: [x.shape[0], w.shape[0], ...out] }];
  },
  lower({ inputs, outputs: [y], scratch }, a) {
    const [x, w, offset, bias, mask] = inputs as Operand[];
    const window = windowOf(x.shape, w.shape, a);
    const [images, channels] = x.shape;
    const inChannels = channels * elementCount(w.shape.slice(2));
    const outLanes = padChannels(inChannels);
    const columns = scratch(images * elementCount(window.out) * outLanes);
    const gathered = { x: x.buffer, offset: offset.buffer, mask: mask?.buffer, y: columns };
    return [
      call(deformColumns, gathered, {
        has_mask: Number(mask !== undefined),
        images,
        channels,
        lanes: padChannels(channels),
        out_lanes: outLanes,
        height: window.size[0],
        width: window.size[1],
        ...windowNumbers(window),
        offset_groups: a.offset_group,
        group_channels: channels / a.offset_group,
      }),
      ...convolve({
        x: columns,
        w: w.buffer,
        bias: bias?.buffer,
        y: y.buffer,
        images,
        inChannels,
        outChannels: w.shape[0],
        group: a.group,
        window: windowOver(window.out, [1, 1], { strides: [], pads: [], dilations: [], auto_pad: "NOTSET" }),
        clamp: a,
      }, scratch),
    ];
  },
});

type Sliding = { strides: readonly number[]; pads: readonly number[]; dilations: readonly number[] };

function windowOf(x: readonly number[], w: readonly number[], a: Sliding): Window {
  return windowOver(x.slice(2), w.slice(2), { ...a, auto_pad: "NOTSET" });
}
