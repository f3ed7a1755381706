import { deformColumns } from "../../src/kernels/deform_columns.ts";
import { windowNumbers, windowOver } from "../../src/ops/lowering/window.ts";
import { type KernelRows, type Row, seededFloats, sums } from "./row.ts";

type Shape = {
  /** Images, channels, height, width. */
  readonly x: readonly [number, number, number, number];
  readonly kernel: readonly number[];
  readonly strides?: readonly number[];
  readonly pads?: readonly number[];
  readonly dilations?: readonly number[];
  readonly groups?: number;
  readonly mask?: boolean;
  /** Offsets are between −reach and reach. */
  readonly reach?: number;
};

function row(name: string, shape: Shape): Row {
  const { x: [images, channels, height, width], kernel, groups = 1, mask, reach = 1.5 } = shape;
  const { strides = [], pads = [], dilations = [] } = shape;
  const window = windowOver([height, width], kernel, { strides, pads, dilations, auto_pad: "NOTSET" });
  const taps = kernel[0] * kernel[1];
  const area = window.out[0] * window.out[1];
  const lanes = Math.ceil(channels / 4) * 4;
  const out_lanes = Math.ceil(channels * taps / 4) * 4;
  return {
    name,
    numbers: {
      has_mask: Number(mask ?? false),
      images,
      channels,
      lanes,
      out_lanes,
      height,
      width,
      ...windowNumbers(window),
      offset_groups: groups,
      group_channels: channels / groups,
    },
    buffers: {
      x: images * height * width * lanes,
      offset: seededFloats(images * groups * taps * 2 * area, 9).map((v) => v * reach),
      mask: mask ? images * groups * taps * area : undefined,
      y: images * area * out_lanes,
    },
    bound: sums,
  };
}

export const rows: readonly KernelRows[] = [{
  kernel: deformColumns,
  rows: [
    row("one pixel", { x: [1, 1, 1, 1], kernel: [1, 1], reach: 0 }),
    row("pads, two offset groups, mask", {
      x: [2, 6, 5, 7],
      kernel: [3, 2],
      pads: [1, 0, 1, 1],
      groups: 2,
      mask: true,
    }),
    row("stride, dilation, far outside", {
      x: [1, 3, 9, 8],
      kernel: [2, 3],
      strides: [2, 1],
      dilations: [2, 3],
      reach: 20,
    }),
    row("several workgroups", { x: [1, 5, 9, 9], kernel: [3, 3], pads: [1, 1, 1, 1], mask: true }),
  ],
}];
