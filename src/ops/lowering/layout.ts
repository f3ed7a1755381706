// Strides of an operand in its layout. Channels last is just another set of strides, so one strided copy converts.
import { type Axis } from "../../kernels/copy_strided.ts";
import { elementCount, stridesOf } from "../../tensor/shape.ts";
import type { DType } from "../../tensor/dtype.ts";
import type { Layout, Operand } from "../declare/op.ts";

/** The properties that determine an operand's memory layout. */
type Placed = Pick<Operand, "shape" | "layout">;

/** The number of channels rounded up to a multiple of four. */
export function padChannels(channels: number): number {
  return Math.ceil(channels / 4) * 4;
}

const packedAs = { plain: "packed_rows", channels_last: "packed_channels" } as const;
const unpackedAs = { packed_rows: "plain", packed_channels: "channels_last" } as const;

export function isPacked(layout: Layout): layout is keyof typeof unpackedAs {
  return layout in unpackedAs;
}

/** The layout with the same order of elements, one per word. */
export function unpackedLayout(layout: Layout): Layout {
  return isPacked(layout) ? unpackedAs[layout] : layout;
}

/**
 * The default layout of packed codes: channels last stays; row-major codes are packed along the channels of images
 * (rank 4 and 5), else along the last axis.
 */
export function packedLayoutOf({ shape, layout }: Placed): Layout {
  if (isPacked(layout)) return layout;
  return packedAs[layout === "plain" && shape.length > 3 ? "channels_last" : layout];
}

/** How elements are packed: `rows` of `blocks` words that hold `channels` elements, four per word. */
export function packing({ shape, layout }: Placed): { rows: number; channels: number; blocks: number } {
  const channels = layout === "packed_channels" ? shape[1] : shape.at(-1) ?? 1;
  const rows = channels === 0 ? 0 : elementCount(shape) / channels;
  return { rows, channels, blocks: padChannels(channels) / 4 };
}

/** Whether the words of two packed operands hold the same elements in the same order, whatever their shapes. */
export function arePackedAlike(a: Placed, b: Placed): boolean {
  const runs = ({ shape, layout }: Placed) => {
    if (layout === "packed_rows") return [elementCount(shape.slice(0, -1)), shape.at(-1) ?? 1, 1];
    return [shape[0], shape[1], elementCount(shape.slice(2))];
  };
  return String(runs(a)) === String(runs(b));
}

/**
 * The numbers by which packing kernels find element `channel` of row `row` in an unpacked operand. Operands packed
 * along the last axis are row-major; along channels, either layout.
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

/** The numbers of kernels that convert between codes packed `along` and an unpacked operand. */
export function packNumbers(unpacked: Placed, along: Layout): Record<string, number> {
  const { rows, channels, blocks } = packing({ shape: unpacked.shape, layout: along });
  // The padding of channels-last words is written, too: it must be finite.
  const lanes = unpacked.layout === "channels_last" ? blocks * 4 : channels;
  const places = packedNumbers(unpacked, along);
  return { tiles: rows / places.image * Math.ceil(places.image / 4) * blocks, lanes, blocks, ...places };
}

/** What to add to packed (signed) bytes to get codes. */
export function byteOffset(dtype: DType): number {
  return { uint8: 128, uint4: 8 }[dtype as string] ?? 0;
}

/** The words of an operand in its layout. */
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

/** The axes of a copy between two operands of one shape; the padding of a channels-last result is filled, too. */
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
