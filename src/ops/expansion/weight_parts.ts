// Layers with weights too large for a device to bind: parts of the output channels are computed separately, then
// concatenated.
import { intAttribute } from "../../graph/attribute.ts";
import type { Name, Node } from "../../graph/graph.ts";
import { elementCount } from "../../tensor/shape.ts";
import { rangeAt } from "../../tensor/stack.ts";
import type { ExpansionBuilder } from "../declare/builder.ts";

type Channels = {
  /** The output-channel axis of the weights, of the result and of the bias. */
  readonly weight: number;
  readonly result: number;
  readonly bias: number;
};

/**
 * Divides `length` into parts of about equal size, none larger than `most`, starting at multiples of eight if
 * possible.
 */
export function equalRanges(length: number, most: number): { from: number; count: number }[] {
  const largest = most < 8 ? most : most - most % 8;
  const even = Math.ceil(length / Math.ceil(length / largest));
  const step = Math.min(largest, Math.ceil(even / 8) * 8);
  return Array.from({ length: Math.ceil(length / step) }, (_, i) => {
    return { from: i * step, count: Math.min(step, length - i * step) };
  });
}

/** Divides the node into parts with at most `mostElements` elements of the weights (input 1). */
export function divideByChannels(
  builder: ExpansionBuilder,
  node: Node,
  channels: Channels,
  mostElements: number,
): boolean {
  const [x, w, bias] = builder.inputs;
  if (!w?.constant || elementCount(w.shape) <= mostElements) return false;
  const count = w.shape[channels.weight];
  const most = Math.floor(mostElements / (elementCount(w.shape) / count));
  if (most === 0) return false;
  const parts = equalRanges(count, most).map((range) => {
    const weights = builder.constant(rangeAt(w.constant!, channels.weight, range.from, range.count));
    const biases = bias ? [biasOf(builder, bias, channels.bias, range)] : [];
    return builder.add(node.opType, [x!.name, weights, ...biases], Object.fromEntries(node.attributes));
  });
  builder.add("Concat", parts, { axis: intAttribute(channels.result) }, builder.outputs);
  return true;
}

/** The bias of these channels; a scalar bias stays as it is. */
function biasOf(
  { add, constant, integers }: ExpansionBuilder,
  bias: ExpansionBuilder["inputs"][number] & object,
  axis: number,
  { from, count }: { readonly from: number; readonly count: number },
): Name {
  const at = bias.shape.length + axis;
  if (at < 0 || bias.shape[at] === 1) return bias.name;
  if (bias.constant) return constant(rangeAt(bias.constant, at, from, count));
  return add("Slice", [bias.name, integers([from]), integers([from + count]), integers([at])]);
}
