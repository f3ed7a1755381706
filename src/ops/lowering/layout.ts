// Strides of an operand in its layout. Channels last is only another set of strides, so one strided copy converts.
import { type Axis } from "../../kernels/copy_strided.ts";
import { elementCount, stridesOf } from "../../tensor/shape.ts";
import type { DType } from "../../tensor/dtype.ts";
import type { Layout, Operand } from "../declare/op.ts";

/** What an operand's place in memory depends on. */
type Placed = Pick<Operand, "shape" | "layout">;

/** The channel count with its padding: a multiple of four. */
export function padChannels(channels: number): number {
  return Math.ceil(channels / 4) * 4;
}

const packedAs = { plain: "packed_rows", channels_last: "packed_channels" } as const;
const unpackedAs = { packed_rows: "plain", packed_channels: "channels_last" } as const;

export function isPacked(layout: Layout): layout is keyof typeof unpackedAs {
  return layout in unpackedAs;
}

/** The same order of elements, one to a word. */
export function unpackedLayout(layout: Layout): Layout {
  return isPacked(layout) ? unpackedAs[layout] : layout;
}

/**
 * How codes of these are packed where nothing reads them another way: in the order they have; row-major ones along the
 * channels of pictures (rank 4 and 5), else along the last axis.
 */
export function packedLayoutOf({ shape, layout }: Placed): Layout {
  if (isPacked(layout)) return layout;
  return packedAs[layout === "plain" && shape.length > 3 ? "channels_last" : layout];
}

/** How elements stand four to a word: `rows` of `blocks` words that hold `channels` elements. */
export function packing({ shape, layout }: Placed): { rows: number; channels: number; blocks: number } {
  const channels = layout === "packed_channels" ? shape[1] : shape.at(-1) ?? 1;
  const rows = channels === 0 ? 0 : elementCount(shape) / channels;
  return { rows, channels, blocks: padChannels(channels) / 4 };
}

/** Whether the words of packed operands mean the same elements in the same order, whatever their shapes. */
export function arePackedAlike(a: Placed, b: Placed): boolean {
  const runs = ({ shape, layout }: Placed) => {
    if (layout === "packed_rows") return [elementCount(shape.slice(0, -1)), shape.at(-1) ?? 1, 1];
    return [shape[0], shape[1], elementCount(shape.slice(2))];
  };
  return String(runs(a)) === String(runs(b));
}

/**
 * Where element `channel` of row `row` stands among the words of an operand of one element each: the numbers of packing
 * kernels. What is packed along its last axis stands row-major; along its channels, either way.
 */
function packedNumbers({ shape, layout }: Placed, along: Layout): Record<string, number> {
  const { channels } = packing({ shape, layout: along });
  if (along === "packed_rows") return { image: 1, stride_image: channels, stride_row: 0, stride_channel: 1 };
  const image = elementCount(shape.slice(2));
  const lanes = padChannels(channels);
  if (layout === "channels_last") {
    return { image, stride_image: image * lanes, stride_row: lanes, stride_channel: 1 };
  }
  return { image, stride_image: image * channels, stride_row: 1, stride_channel: image };
}

/** The numbers of kernels between codes packed `along` and an operand of one element a word. */
export function packNumbers(unpacked: Placed, along: Layout): Record<string, number> {
  const { rows, channels, blocks } = packing({ shape: unpacked.shape, layout: along });
  // The padding of channels-last words is written too: it must hold finite numbers.
  const lanes = unpacked.layout === "channels_last" ? blocks * 4 : channels;
  const places = packedNumbers(unpacked, along);
  return { tiles: rows / places.image * Math.ceil(places.image / 4) * blocks, lanes, blocks, ...places };
}

/** What packed codes lack to be codes: they are signed. */
export function byteOffset(dtype: DType): number {
  return { uint8: 128, uint4: 8 }[dtype as string] ?? 0;
}

/** Words that an operand takes in its layout. */
export function wordsOf({ shape, layout }: Placed): number {
  if (isPacked(layout)) {
    const { rows, blocks } = packing({ shape, layout });
    return rows * blocks;
  }
  const padded = layout === "channels_last" ? [shape[0], padChannels(shape[1]), ...shape.slice(2)] : shape;
  return padded.reduce((product, dim) => product * dim, 1);
}

/** Element strides by logical axis. */
export function stridesIn({ shape, layout }: Placed): number[] {
  if (layout === "plain") return stridesOf(shape);
  const [image, ...inner] = stridesOf([shape[0], ...shape.slice(2), padChannels(shape[1])]);
  return [image, inner.at(-1)!, ...inner.slice(0, -1)];
}

/** The axes of a copy between two operands of one shape; the padding of a channels-last result is filled too. */
export function copyAxes(from: Operand, to: Operand): Axis[] {
  const inStrides = stridesIn(from);
  const outStrides = stridesIn(to);
  return to.shape.map((size, axis) => ({
    count: to.layout === "channels_last" && axis === 1 ? padChannels(size) : size,
    size,
    inStride: inStrides[axis],
    outStride: outStrides[axis],
  }));
}

/** Four-element groups of a buffer, for kernels that work on vec4. */
export function quadsOf(operand: Operand): number {
  return Math.ceil(wordsOf(operand) / 4);
}
