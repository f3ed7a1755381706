import { convTranspose, convTransposeGrouped } from "../../src/kernels/conv_transpose.ts";
import { threeAxisNumbers, windowOver } from "../../src/ops/lowering/window.ts";
import { type KernelRows, open, type Row, sums } from "./row.ts";

type Shape = {
  /** Images, channels, then sizes. */
  readonly x: readonly number[];
  /** Output channels of a group, then taps. */
  readonly w: readonly number[];
  readonly group?: number;
  readonly strides?: readonly number[];
  readonly dilations?: readonly number[];
  /** Left out before and after. */
  readonly pads?: readonly number[];
  readonly bias?: boolean;
  readonly clamp?: readonly [number, number];
};

const lanesOf = (channels: number) => Math.ceil(channels / 4) * 4;
const product = (list: readonly number[]) => list.reduce((a, b) => a * b, 1);

function row(name: string, shape: Shape): Row {
  const { x: [images, channels, ...size], w: [out, ...kernel], group, bias } = shape;
  const strides = shape.strides ?? size.map(() => 1);
  const dilations = shape.dilations ?? size.map(() => 1);
  const pads = shape.pads ?? size.flatMap(() => [0, 0]);
  const rank = size.length;
  const whole = size.map((n, axis) => (n - 1) * strides[axis] + (kernel[axis] - 1) * dilations[axis] + 1);
  const cut = whole.map((n, axis) => n - pads[axis] - pads[axis + rank]);
  const slid = windowOver(size, kernel.map(() => 1), {
    strides: [],
    pads: [],
    dilations: [],
    auto_pad: "NOTSET",
  });
  const window = { ...slid, kernel, strides, dilations, before: pads.slice(0, rank), out: cut };
  const outChannels = out * (group ?? 1);
  const [lanes, outLanes] = [lanesOf(channels), lanesOf(outChannels)];
  const dense = { blocks: lanes / 4, out_blocks: outLanes / 4 };
  const [low, high] = shape.clamp ?? [open.low, open.high];
  return {
    name,
    numbers: {
      has_bias: Number(bias ?? false),
      images,
      out_channels: outChannels,
      ...threeAxisNumbers(window),
      ...(group === undefined ? dense : {
        stride_channels: lanes,
        out_stride_channels: outLanes,
        group_in: channels / group,
        group_out: out,
      }),
      low,
      high,
    },
    buffers: {
      x: images * product(size) * lanes,
      w: product(kernel) * (group === undefined ? lanes * outLanes : channels * out),
      bias: bias ? outChannels : undefined,
      y: images * product(cut) * outLanes,
    },
    bound: sums,
  };
}

export const rows: readonly KernelRows[] = [{
  kernel: convTranspose,
  rows: [
    row("one pixel", { x: [1, 1, 1], w: [1, 1] }),
    row("columns, stride 3, bias", { x: [2, 5, 7], w: [3, 4], strides: [3], bias: true }),
    row("stride 2, pads, Relu6", {
      x: [1, 6, 5, 4],
      w: [7, 4, 4],
      strides: [2, 2],
      pads: [1, 1, 1, 1],
      clamp: [0, 6],
    }),
    row("strides and dilations differ", {
      x: [1, 3, 4, 6],
      w: [2, 3, 2],
      strides: [1, 4],
      dilations: [3, 2],
      pads: [2, 0, 1, 1],
      bias: true,
    }),
    row("taps that miss outputs", { x: [1, 2, 3, 3], w: [4, 2, 2], strides: [3, 5] }),
    row("depth, several workgroups", { x: [2, 9, 3, 4, 5], w: [5, 2, 3, 2], strides: [2, 1, 2], bias: true }),
  ],
}, {
  kernel: convTransposeGrouped,
  rows: [
    row("smallest", { x: [1, 2, 1], w: [1, 1], group: 2 }),
    row("one filter per channel, stride 2", {
      x: [1, 5, 4, 4],
      w: [1, 4, 4],
      group: 5,
      strides: [2, 2],
      pads: [1, 1, 1, 1],
    }),
    row("groups of 3 in and 2 out, dilated, bias", {
      x: [2, 9, 5, 3],
      w: [2, 3, 2],
      group: 3,
      dilations: [2, 1],
      strides: [1, 2],
      bias: true,
      clamp: [-1, 1],
    }),
    row("depth, several workgroups", { x: [1, 4, 3, 4, 5], w: [3, 2, 2, 3], group: 2, strides: [1, 2, 1] }),
  ],
}];
