// Layouts of a node's operands, and the copy from one layout to another.
import { UnsupportedError } from "../error.ts";
import { fromChannelsLast, layoutNumbers, toChannelsLast } from "../kernels/channels_last.ts";
import { type Call, call, typed, wordTypeOf } from "../kernels/kernel.ts";
import { packCodes, unpackCodes } from "../kernels/pack_codes.ts";
import { byteOffset, packNumbers } from "../ops/layout.ts";
import type { Layout, Op, Operand } from "../ops/op.ts";
import { elementCount, sameShape } from "../tensor/shape.ts";

/** The layout of a node's outputs; its inputs are arranged to suit. */
export function chooseLayout(
  op: Op,
  inputs: readonly (Operand | undefined)[],
  out: readonly number[],
): Layout {
  const first = inputs[0];
  if (op.layout === "plain" || !first) return "plain";
  if (op.layout === "channels_last") {
    if (first.shape.length < 3) {
      throw new UnsupportedError(`Cannot plan rank ${first.shape.length} data here: expected [N, C, …]`);
    }
    return "channels_last";
  }
  if (op.layout === "any") return unpacked(first);
  const wide = inputs.filter((input) => input && elementCount(input.shape) > 1) as Operand[];
  const alike = wide.length > 0 && wide.every((input) => sameShape(input.shape, out));
  return alike && wide.some((input) => input.layout === "channels_last") ? "channels_last" : "plain";
}

function unpacked({ layout, shape }: Operand): Layout {
  if (layout !== "packed") return layout;
  return shape.length === 4 ? "channels_last" : "plain";
}

export function wishFor(op: Op, layout: Layout, input: Operand, index: number): Layout {
  if (op.layout === "any") return unpacked(input);
  if (op.layout === "channels_last") return index === 0 || index === op.residual?.input ? layout : "plain";
  return input.shape.length > 2 && elementCount(input.shape) > 1 ? layout : "plain";
}

/** The copy that brings an operand into another layout. */
export function converting(from: Operand, to: Operand): Call {
  const buffers = { x: from.buffer, y: to.buffer };
  if (to.layout === "packed") {
    return call(packCodes, buffers, { ...packNumbers(from), offset: byteOffset(from.dtype) });
  }
  if (from.layout === "packed") {
    return call(unpackCodes, buffers, { ...packNumbers(to), offset: byteOffset(to.dtype) });
  }
  const [images, channels, ...pixels] = from.shape;
  const kernel = to.layout === "channels_last" ? toChannelsLast : fromChannelsLast;
  const numbers = layoutNumbers(images, channels, elementCount(pixels));
  return call(typed(kernel, wordTypeOf(from.dtype)), buffers, numbers);
}
