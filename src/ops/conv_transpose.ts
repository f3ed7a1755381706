// ConvTranspose (ONNX ConvTranspose-1, 11, 22) over one to three axes. x [N,C,…], w [C,O/group,…], b [O] → y [N,O,…].
import { ModelError } from "../error.ts";
import { convTranspose, convTransposeGrouped } from "../kernels/conv_transpose.ts";
import { copyNumbers, copyStrided } from "../kernels/copy_strided.ts";
import { call } from "../kernels/kernel.ts";
import { elementCount } from "../tensor/shape.ts";
import { clampAttributes, clampNumbers } from "./lowering/clamp.ts";
import { groupsOf } from "./conv.ts";
import { convTransposeGradient } from "./gradient/conv.ts";
import { padChannels } from "./lowering/layout.ts";
import { int, ints, op, type Operand, requireInput } from "./declare/op.ts";
import { everyImage } from "./declare/part_axes.ts";
import {
  checkWindow,
  threeAxisNumbers,
  type Window,
  type WindowAttributes,
  windowAttributes,
} from "./lowering/window.ts";

export const convTransposeAttributes = {
  ...windowAttributes,
  output_padding: ints([]),
  output_shape: ints([]),
  group: int(1),
  ...clampAttributes,
};

export const ConvTranspose = op({
  attributes: convTransposeAttributes,
  planning: { layout: "channels_last", fusesClamp: true, partAxes: everyImage },
  role: {
    kind: "computes",
    weight: 1,
    bias: 2,
    axis: () => 1,
    inputAxis: () => 0,
    groups: groupsOf,
    groupAxis: "outputs",
    moments: (_, rank) => rank < 5 ? "ConvTransposeMoments" : undefined,
    // Input pixels are one stride apart in the output.
    reach({ attributes }) {
      const strides = attributes.get("strides");
      return strides?.type === "ints" ? 1 / strides.value.reduce((a, b) => a * Number(b), 1) : 1;
    },
  },
  infer(inputs, a) {
    const [x, w] = [requireInput(inputs, 0), requireInput(inputs, 1)];
    const channels = w.shape[1] * a.group;
    if (x.shape.length !== w.shape.length || x.shape[1] !== w.shape[0] || w.shape[0] % a.group !== 0) {
      throw new ModelError(
        `Cannot convolve [${x.shape}] with transposed weights [${w.shape}] in ${a.group} groups`,
      );
    }
    if (inputs[2] && elementCount(inputs[2].shape) !== channels) {
      throw new ModelError(
        `Cannot convolve with a bias of shape [${inputs[2].shape}]: expected [${channels}]`,
      );
    }
    const { out } = windowOfTransposed(x.shape.slice(2), w.shape.slice(2), a);
    return [{ dtype: x.dtype, shape: [x.shape[0], channels, ...out] }];
  },
  gradient(builder, a) {
    const [dy, w] = [builder.outputs[0], builder.inputs[1]!];
    const size = builder.inputs[0]!.shape.slice(2);
    const window = windowOfTransposed(size, w.shape.slice(2), a);
    convTransposeGradient(builder, a.group, { ...window, size: dy.shape.slice(2), out: size });
  },
  lower({ inputs, outputs: [y], scratch }, a) {
    const [x, w, bias] = inputs as Operand[];
    const buffers = { x: x.buffer, bias: bias?.buffer, y: y.buffer };
    const numbers = {
      has_bias: Number(bias !== undefined),
      images: x.shape[0],
      out_channels: y.shape[1],
      ...threeAxisNumbers(windowOfTransposed(x.shape.slice(2), w.shape.slice(2), a)),
      ...clampNumbers(a),
    };
    const [lanes, outLanes] = [padChannels(x.shape[1]), padChannels(y.shape[1])];
    if (a.group > 1) {
      return [call(convTransposeGrouped, { ...buffers, w: w.buffer }, {
        ...numbers,
        stride_channels: lanes,
        out_stride_channels: outLanes,
        group_in: x.shape[1] / a.group,
        group_out: w.shape[1],
      })];
    }
    const taps = elementCount(w.shape.slice(2));
    const packed = scratch(taps * lanes * outLanes);
    const axes = [
      { count: taps, inStride: 1, outStride: lanes * outLanes },
      { count: lanes, size: w.shape[0], inStride: w.shape[1] * taps, outStride: outLanes },
      { count: outLanes, size: w.shape[1], inStride: taps, outStride: 1 },
    ];
    return [
      call(copyStrided, { x: w.buffer, y: packed }, copyNumbers(axes)),
      call(convTranspose, { ...buffers, w: packed }, {
        ...numbers,
        blocks: lanes / 4,
        out_blocks: outLanes / 4,
      }),
    ];
  },
});

type Transposed = WindowAttributes & {
  readonly output_padding: readonly number[];
  readonly output_shape: readonly number[];
};

/** The window of the convolution that this operator transposes; it slides over the output. */
export function windowOfTransposed(
  size: readonly number[],
  kernel: readonly number[],
  a: Transposed,
): Window {
  const rank = size.length;
  const strides = a.strides.length ? a.strides : kernel.map(() => 1);
  const dilations = a.dilations.length ? a.dilations : kernel.map(() => 1);
  checkWindow(rank, kernel, { ...a, strides, dilations });
  const axes = kernel.map((taps, axis) => {
    const extra = a.output_padding[axis] ?? 0;
    const full = strides[axis] * (size[axis] - 1) + extra + (taps - 1) * dilations[axis] + 1;
    return sizeAndPads(axis, rank, full, size[axis] * strides[axis], a);
  });
  return {
    size,
    kernel,
    strides,
    dilations,
    before: axes.map(({ before }) => before),
    after: axes.map(({ after }) => after),
    out: axes.map(({ out }) => out),
  };
}

/** An output size that is given, or follows from SAME, determines the pads; otherwise the pads determine the size. */
function sizeAndPads(axis: number, rank: number, full: number, same: number, a: Transposed) {
  // ONNX Runtime never pads the output: SAME with a kernel shorter than its stride ends at the last tap.
  const out = a.output_shape.slice(-rank)[axis] ??
    (a.auto_pad.startsWith("SAME") ? Math.min(same, full) : undefined);
  if (out === undefined) {
    const [before, after] = a.auto_pad === "VALID" ? [0, 0] : [a.pads[axis] ?? 0, a.pads[axis + rank] ?? 0];
    return { before, after, out: full - before - after };
  }
  const total = Math.max(0, full - out);
  const less = Math.floor(total / 2);
  const before = a.auto_pad === "SAME_UPPER" ? less : total - less;
  return { before, after: total - before, out };
}
