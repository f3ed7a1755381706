// The gradient of a convolution with respect to its weights: x, dy → dw [O, C / group, …], the sum over positions of
// the window's input times the output's gradient. Only `differentiate` writes it.
import { type Call, call } from "../../kernels/kernel.ts";
import { reduce, reduceKinds } from "../../kernels/reduce.ts";
import { secondMoments } from "../../kernels/second_moments.ts";
import { weightGradientFold } from "../../kernels/weight_gradient_fold.ts";
import { weightGradientGrouped } from "../../kernels/weight_gradient_grouped.ts";
import { flattenInput } from "../lowering/depth_slices.ts";
import { padChannels } from "../lowering/layout.ts";
import { adjacent, segmentRows } from "./moments.ts";
import { int, ints, op, type Operand, requireInput, type Scratch } from "../declare/op.ts";
import { planar, type Window, windowNumbers, windowOver } from "../lowering/window.ts";

export const ConvWeightGradient = op({
  domain: "halftone",
  attributes: {
    kernel_shape: ints(),
    strides: ints([]),
    pads: ints([]),
    dilations: ints([]),
    group: int(1),
  },
  role: { kind: "resists" },
  planning: { arrange: () => ({ inputs: ["channels_last", "channels_last"], outputs: ["plain"] }) },
  infer(inputs, a) {
    const [x, dy] = [requireInput(inputs, 0), requireInput(inputs, 1)];
    return [{ dtype: x.dtype, shape: [dy.shape[1], x.shape[1] / a.group, ...a.kernel_shape] }];
  },
  lower({ inputs, outputs: [dw], scratch }, a) {
    const [x, dy] = inputs as Operand[];
    const window = windowOver(x.shape.slice(2), a.kernel_shape, { ...a, auto_pad: "NOTSET" });
    const whole = {
      x: x.buffer,
      images: x.shape[0],
      inChannels: x.shape[1],
      group: a.group,
      window: planar(window),
    };
    const { calls, plane } = window.size.length === 3
      ? flattenInput(whole, scratch)
      : { calls: [], plane: whole };
    const sums: Sums = {
      ...plane,
      dy: dy.buffer,
      dw: dw.buffer,
      outChannels: dy.shape[1],
      slices: plane.inChannels / x.shape[1],
    };
    return [...calls, ...a.group === 1 ? dense(sums, scratch) : groupedCalls(sums, scratch)];
  },
});

type Sums = {
  readonly x: string;
  readonly dy: string;
  readonly dw: string;
  readonly images: number;
  readonly inChannels: number;
  readonly outChannels: number;
  readonly group: number;
  /** Slices of depth, as channels. */
  readonly slices: number;
  /** Over rows and columns. */
  readonly window: Window;
};

/** Rows of y times columns of the patch: a block of second moments. */
function dense(sums: Sums, scratch: Scratch): Call[] {
  const { images, inChannels, outChannels, slices, window } = sums;
  const { kernel_y, ...geometry } = windowNumbers(window);
  const blocks = padChannels(inChannels) / 4;
  const taps = kernel_y * window.kernel[1];
  const columns = taps * blocks;
  const segment_words = Math.ceil(outChannels / 16) * columns * 64;
  const rows = images * window.out[0];
  const segment_rows = segmentRows(rows, window.out[1], segment_words);
  const segments = Math.ceil(rows / segment_rows);
  const partial = scratch(segments * segment_words);
  return [
    call(secondMoments, { x: sums.x, y: sums.dy, partial }, {
      ...geometry,
      ...adjacent,
      rows_of_y: 1,
      columns_of_y: 0,
      columns,
      first: 0,
      rows,
      height: window.size[0],
      width: window.size[1],
      blocks,
      patch_blocks: columns,
      y_row: padChannels(outChannels),
      y_channels: outChannels,
      segment_rows,
      segment_words,
    }),
    call(weightGradientFold, { partial, dw: sums.dw }, {
      segments,
      segment_words,
      columns,
      blocks,
      taps,
      slices,
      channels: inChannels / slices,
      count: outChannels * inChannels * taps,
    }),
  ];
}

function groupedCalls(sums: Sums, scratch: Scratch): Call[] {
  const { images, inChannels, outChannels, group, slices, window } = sums;
  const { kernel_y, ...geometry } = windowNumbers(window);
  const taps = kernel_y * window.kernel[1];
  const group_in = inChannels / group;
  const count = outChannels * group_in * taps;
  const rows = images * window.out[0];
  const segment_rows = segmentRows(rows, window.out[1], count);
  const segments = Math.ceil(rows / segment_rows);
  const partial = segments === 1 ? sums.dw : scratch(segments * count);
  const product = call(weightGradientGrouped, { x: sums.x, dy: sums.dy, partial }, {
    ...geometry,
    rows,
    height: window.size[0],
    width: window.size[1],
    x_row: padChannels(inChannels),
    y_row: padChannels(outChannels),
    group_in,
    group_out: outChannels / group,
    taps,
    slices,
    segment_rows,
    segments,
    count,
  });
  if (segments === 1) return [product];
  const lines = { outer: 1, count: segments, inner: count, outer_stride: segments * count, stride: count };
  const added = call(reduce, { x: partial, y: sums.dw }, {
    kind: reduceKinds.indexOf("sum"),
    empty: 0,
    ...lines,
  });
  return [product, added];
}
