// Chooses the layouts of a node's operands, and copies from one layout to another.
import { UnsupportedError } from "../error.ts";
import type { Name, Node } from "../graph/graph.ts";
import { fromChannelsLast, layoutNumbers, toChannelsLast } from "../kernels/channels_last.ts";
import { type Call, call, withElement, wordTypeOf } from "../kernels/kernel.ts";
import { packCodes, unpackCodes } from "../kernels/pack_codes.ts";
import { arePackedAlike, byteOffset, isPacked, packNumbers, unpackedLayout } from "../ops/lowering/layout.ts";
import type { Layout, Op, Operand } from "../ops/declare/op.ts";
import { opOf } from "../ops/table.ts";
import { elementCount, sameShape, type Shape } from "../tensor/shape.ts";

/** The layout of a node's outputs; its inputs are converted to match. */
export function chooseLayout(
  op: Op,
  inputs: readonly (Operand | undefined)[],
  out: readonly number[],
): Layout {
  const first = inputs[0];
  if ((op.planning.layout ?? "plain") === "plain" || !first) return "plain";
  if (op.planning.layout === "channels_last") {
    if (first.shape.length < 3) {
      throw new UnsupportedError(`Cannot plan rank ${first.shape.length} data here: expected [N, C, …]`);
    }
    return "channels_last";
  }
  if (op.planning.layout === "any") return unpackedLayout(first.layout);
  const wide = inputs.filter((input) => input && elementCount(input.shape) > 1) as Operand[];
  const alike = wide.length > 0 && wide.every((input) => sameShape(input.shape, out));
  return alike && wide.some((input) => input.layout === "channels_last") ? "channels_last" : "plain";
}

export function inputLayout(op: Op, layout: Layout, input: Operand, index: number): Layout {
  if (op.planning.layout === "any") return unpackedLayout(input.layout);
  if (op.planning.layout === "channels_last") {
    return index === 0 || index === op.planning.residual?.input ? layout : "plain";
  }
  return input.shape.length > 2 && elementCount(input.shape) > 1 ? layout : "plain";
}

/** The packed layout that readers of these codes require, if any. */
export function layoutRequiredBy(
  readers: ReadonlyMap<Name, readonly Node[]>,
  name: Name,
): Layout | undefined {
  const own = (readers.get(name) ?? []).filter(({ inputs: [first] }) => first === name);
  return own.map((reader) => opOf(reader).planning.packs).find((layout) => layout !== undefined);
}

/** The packed layout in which these codes may be viewed under another shape without a copy. */
export function packedViewLayout(input: Operand | undefined, shape: Shape): Layout | undefined {
  if (!input || !isPacked(input.layout)) return undefined;
  const ways: Layout[] = shape.length > 2 ? ["packed_channels", "packed_rows"] : ["packed_rows"];
  return ways.find((layout) => arePackedAlike(input, { shape, layout }));
}

/** The call that converts an operand to another layout. */
export function conversionCall(from: Operand, to: Operand): Call {
  const buffers = { x: from.buffer, y: to.buffer };
  if (isPacked(to.layout)) {
    return call(packCodes, buffers, { ...packNumbers(from, to.layout), offset: byteOffset(from.dtype) });
  }
  if (isPacked(from.layout)) {
    return call(unpackCodes, buffers, { ...packNumbers(to, from.layout), offset: byteOffset(to.dtype) });
  }
  const [images, channels, ...pixels] = from.shape;
  const kernel = to.layout === "channels_last" ? toChannelsLast : fromChannelsLast;
  const numbers = layoutNumbers(images, channels, elementCount(pixels));
  return call(withElement(kernel, wordTypeOf(from.dtype)), buffers, numbers);
}
