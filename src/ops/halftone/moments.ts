// Second moments, for finetuning: a layer's quantized input x, its weights (for their shape) and its target output y
// → [groups, K + 1 + outputs, K + 2]. Rows: the patch that a weight row multiplies, in the weights' order, a one,
// then y. Columns: the patch, a one, and last the row itself, so squares.
import { call } from "../../kernels/kernel.ts";
import { secondMoments } from "../../kernels/second_moments.ts";
import { secondMomentsFold } from "../../kernels/second_moments_fold.ts";
import { secondMomentsGrouped } from "../../kernels/second_moments_grouped.ts";
import { elementCount, type Shape } from "../../tensor/shape.ts";
import { padChannels } from "../lowering/layout.ts";
import { int, type Lowering, op, type Operand, requireInput } from "../declare/op.ts";
import { planar, windowAttributes, windowNumbers, windowOver } from "../lowering/window.ts";

/** Geometry of patches: `x_row` and `y_row` are the words per pixel. */
type Patches = ReturnType<typeof windowNumbers> & {
  readonly rows: number;
  readonly height: number;
  readonly width: number;
  /** The distance of pixels of x under the window, with zeros between them. */
  readonly apart_y: number;
  readonly apart_x: number;
  readonly x_row: number;
  readonly y_row: number;
  readonly groups: number;
  readonly group_in: number;
  readonly group_out: number;
};

/** No zeros between pixels. */
export const adjacent = { apart_y: 1, apart_x: 1 };

export const ConvMoments = op({
  domain: "halftone",
  attributes: { ...windowAttributes, group: int(1) },
  role: { kind: "resists" },
  planning: { arrange: () => ({ inputs: ["channels_last", "plain", "channels_last"], outputs: ["plain"] }) },
  infer: (inputs, { group }) => [momentsOf(requireInput(inputs, 1).shape, group)],
  lower(lowering, attributes) {
    const [x, w, y] = lowering.inputs as Operand[];
    const window = planar(windowOver(x.shape.slice(2), w.shape.slice(2), attributes));
    const { group } = attributes;
    return moments(lowering, {
      ...windowNumbers(window),
      rows: y.shape[0] * window.out[0],
      ...adjacent,
      height: window.size[0],
      width: window.size[1],
      x_row: padChannels(x.shape[1]),
      y_row: padChannels(y.shape[1]),
      groups: group,
      group_in: w.shape[1],
      group_out: w.shape[0] / group,
    });
  },
});

/** A matrix product is a convolution over one row of pixels; w is [K, outputs] or transposed. */
export const ProductMoments = op({
  domain: "halftone",
  attributes: { transB: int(0) },
  role: { kind: "resists" },
  infer(inputs, { transB }) {
    const { shape } = requireInput(inputs, 1);
    return [momentsOf(transB ? shape : shape.toReversed(), 1)];
  },
  lower(lowering, attributes) {
    const [x, w] = lowering.inputs as Operand[];
    const [depth, outputs] = attributes.transB ? w.shape.toReversed() : w.shape;
    const pixels = elementCount(x.shape) / depth;
    const point = windowOver([1, pixels], [1, 1], {
      strides: [],
      pads: [],
      dilations: [],
      auto_pad: "NOTSET",
    });
    const sizes = { rows: 1, height: 1, width: pixels, x_row: depth, y_row: outputs };
    return moments(lowering, {
      ...windowNumbers(point),
      ...adjacent,
      ...sizes,
      groups: 1,
      group_in: depth,
      group_out: outputs,
    });
  },
});

export function momentsOf([outputs, ...patch]: Shape, groups: number) {
  const depth = elementCount(patch);
  return { dtype: "float32" as const, shape: [groups, depth + 1 + outputs / groups, depth + 2] };
}

export function moments(lowering: Lowering, patches: Patches) {
  const { groups, group_in, group_out, kernel_y, ...n } = patches;
  const aligned = groups === 1 && n.x_row % 4 === 0;
  if (aligned) return dense(lowering, patches);
  const [x, , y] = lowering.inputs as Operand[];
  const taps = kernel_y * n.kernel_x;
  const numbers = { ...n, group_in, group_out, taps, depth: group_in * taps };
  const count = elementCount(lowering.outputs[0].shape);
  const buffers = { x: x.buffer, y: y.buffer, moments: lowering.outputs[0].buffer };
  return [call(secondMomentsGrouped, buffers, { ...numbers, count })];
}

/** Positions per single-precision sum, unless memory limits require more. */
const segmentPixels = 512;
/** Words of all partial sums: a quarter of the smallest storage binding that WebGPU guarantees. */
const mostPartialWords = 2 ** 23;

/** The rows of pixels, `width` each, per partial sum of `words` numbers. */
export function segmentRows(rows: number, width: number, words: number): number {
  const most = Math.max(1, Math.floor(mostPartialWords / words));
  return Math.ceil(Math.max(rows / most, Math.min(rows, Math.ceil(segmentPixels / width))));
}

function dense({ inputs, outputs, scratch }: Lowering, n: Patches) {
  const [x, , y] = inputs as Operand[];
  const blocks = n.x_row / 4;
  const taps = n.kernel_y * n.kernel_x;
  const columns = taps * blocks + 1;
  const outBlocks = Math.ceil(n.group_out / 4);
  const [tiles, outTiles] = [columns, outBlocks].map((count) => Math.ceil(count / 4));
  const first_y = tiles * columns * 64;
  const first_square = first_y + outTiles * columns * 64;
  const segment_words = first_square + outTiles * outBlocks * 64;
  const segment_rows = segmentRows(n.rows, n.out_width, segment_words);
  const segments = Math.ceil(n.rows / segment_rows);
  const partial = scratch(segments * segment_words);
  const buffers = { x: x.buffer, y: y.buffer, partial };
  const { groups: _, group_in, group_out, x_row: __, kernel_y: ___, ...geometry } = n;
  const share = {
    ...geometry,
    blocks,
    patch_blocks: taps * blocks,
    y_channels: group_out,
    segment_rows,
    segment_words,
  };
  const part = (rows_of_y: number, columns_of_y: number, columns: number, first: number) =>
    call(secondMoments, buffers, { ...share, rows_of_y, columns_of_y, columns, first });
  return [
    part(0, 0, columns, 0),
    part(1, 0, columns, first_y),
    part(1, 1, outBlocks, first_square),
    call(secondMomentsFold, { partial, moments: outputs[0].buffer }, {
      segments,
      segment_words,
      taps,
      blocks,
      depth: group_in * taps,
      y_channels: group_out,
      columns,
      first_y,
      first_square,
      count: elementCount(outputs[0].shape),
    }),
  ];
}
